"""Reads an expression's words before CEL does, and lets through only what cannot go wrong unseen. Pure.

No loops, no division by what may be zero, no macro that asks whether evidence is there: each would let an
expression run for ever, or pass for want of evidence. Every number is a decimal: 2 is 2.0.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from policies.problems import suggest

MAX_CHARACTERS = 1_000
METHODS = ("startsWith", "endsWith", "contains", "matches")
"""What may be called, of a text; `matches` is RE2, whose time is linear."""
_WORDS = frozenset({"true", "false", "null", "in"})

_TEXT = r"""'[^'\\\n]*'|"[^"\\\n]*\""""
_TOKEN = re.compile(
    rf"""(?P<space>\s+)
    |(?P<text>{_TEXT})(?!['"])
    |(?P<number>[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)(?![\w.])
    |(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[(?:{_TEXT})\])*)(?!['"\[.])
    |(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/<>!?:(),\[\]])""",
    re.VERBOSE | re.ASCII,
)
_STEP = re.compile(rf"\.(\w+)|\[({_TEXT})\]", re.ASCII)


class ExpressionInvalid(Exception):
    """An expression that cannot be meant, or must not be: what is wrong, and what to write instead."""

    def __init__(self, what: str, instead: str = "") -> None:
        self.what, self.instead = what, instead
        super().__init__(f"{what}, {instead}" if instead else what)


@dataclass(frozen=True)
class Name:
    """A dotted name, and its parts: `candidate.tags['git-commit']` has three."""

    written: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Read:
    """The text for CEL, with decimals for numbers, and every name in it, once each."""

    text: str
    names: tuple[Name, ...]


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def read(text: str) -> Read:
    """The names of an expression. Raises ExpressionInvalid for what is not let through."""
    if len(text) > MAX_CHARACTERS:
        what = f"an expression of {len(text):,} characters"
        raise ExpressionInvalid(what, f"write at most {MAX_CHARACTERS:,}, or several gates")
    tokens = [token for token in _tokens(text) if token.kind != "space"]
    if not tokens:
        raise ExpressionInvalid("an empty expression", "write a condition")
    _divides_by_figures(tokens)
    names = [_name(token, after) for token, after in zip(tokens, [*tokens[1:], None], strict=True)]
    return Read(
        " ".join(_decimal(token) for token in tokens), tuple(dict.fromkeys(name for name in names if name))
    )


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found or found.lastgroup is None:
            what = f"'{text[at : at + 10]}' is not understood"
            raise ExpressionInvalid(
                what, "write names, numbers, 'texts' and && || ! == != < <= > >= + - * / ?:"
            )
        yield _Token(_kind(found), found[0])
        at = found.end()


def _kind(found: re.Match[str]) -> str:
    return next(kind for kind in ("space", "text", "number", "name", "sign") if found[kind] is not None)


def _decimal(token: _Token) -> str:
    """Whole numbers and decimals do not mix in CEL; there are no whole ones among figures."""
    if token.kind != "number":
        return token.text
    if not math.isfinite(float(token.text)):
        raise ExpressionInvalid(f"'{token.text}' is too large for a number", "write a smaller one")
    return token.text if {".", "e", "E"} & set(token.text) else f"{token.text}.0"


def _divides_by_figures(tokens: list[_Token]) -> None:
    """Decimals divided by zero are infinite, which is larger than every bound."""
    for token, divisor in zip(tokens, [*tokens[1:], _Token("end", "")], strict=True):
        if token.text == "/" and not (divisor.kind == "number" and float(divisor.text)):
            what = f"division by '{divisor.text}', which may be zero"
            raise ExpressionInvalid(what, "multiply instead: not a / b < 2, but a < 2 * b")


def _name(token: _Token, after: _Token | None) -> Name | None:
    """The name that a token refers to; of a call, the name that it is called of."""
    if token.kind != "name" or token.text in _WORDS:
        return None
    written = token.text
    if after is not None and after.text == "(":
        written, _, method = token.text.rpartition(".")
        if method not in METHODS or not written:
            raise ExpressionInvalid(f"'{method}' cannot be called here", suggest(method, METHODS))
    steps = [dotted or quoted[1:-1] for dotted, quoted in _STEP.findall(written)]
    return Name(written, (re.split(r"[.\[]", written, maxsplit=1)[0], *steps))
