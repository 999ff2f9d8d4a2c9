"""Pydantic's errors in the words of a policy's author: what is wrong, and what to write instead."""

from collections.abc import Mapping
from typing import Any

from policies.problems import suggest

_DUE = {
    "string_type": "a text",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping (name: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "finite_number": "a finite number",
}
_LENGTHS = {
    "too_short": ("nothing stands here", "write at least one"),
    "string_too_short": ("nothing stands here", "write a text"),
    "too_long": ("too many stand here", "take some out"),
}
_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def in_words(error: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong and what to write instead, for one of pydantic's error details."""
    kind, given, ctx = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return f"'{error['loc'][-1]}' is missing", "add it"
    if kind in _DUE:
        return _wrong_type(kind, given)
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"{shown(given)} is out of bounds", f"write {words} {ctx[name]}"
    if kind in {"literal_error", "enum"}:
        return _unknown_choice(given, ctx)
    return _LENGTHS.get(kind, (f"{shown(given)} does not fit: {error['msg']}", ""))


def shown(given: object) -> str:
    """A value as its author may recognise it, cut to a bearable length."""
    if given is None:
        return "nothing"
    if isinstance(given, (dict, list)):
        return "a mapping" if isinstance(given, dict) else "a list"
    text = str(given).lower() if isinstance(given, bool) else str(given)
    return f"'{text}'" if len(text) <= 60 else f"'{text[:57]}...'"  # noqa: PLR2004 one line of a terminal


def _wrong_type(kind: str, given: object) -> tuple[str, str]:
    due = _DUE[kind]
    if given is None:
        hint = " (in quotes if it starts with '#')" if kind == "string_type" else ""
        return "nothing stands here", f"write {due}{hint}"
    if kind == "string_type" and isinstance(given, (int, float)):
        return (
            f"{shown(given)} is not a text",
            f'write "{str(given).lower()}" in quotes if it is meant as one',
        )
    if kind in {"tuple_type", "list_type"} and isinstance(given, str):
        return f"{shown(given)} is not a list", f"write [{given}]"
    return f"{shown(given)} is not {due}", f"write {due}"


def _unknown_choice(given: object, ctx: Mapping[str, Any]) -> tuple[str, str]:
    words = str(ctx["expected"]).replace(" or ", ", ").split(", ")
    known = [word.strip("'") if "'" in word else word.lower() for word in words]  # True is Python's
    if len(known) == 1:
        return f"{shown(given)} is not known here", f"write {known[0]}"
    return f"{shown(given)} is not known here", suggest(str(given), known)
