"""Condition: an expression compiled by CEL, which says yes or no of the values of its names.

What CEL's binding does not do is done here: an error is a value to it, and a true one; so is a text. Only a
real boolean is an answer, and everything else raises.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from policies.expressions.reading import ExpressionInvalid, Name, read

if TYPE_CHECKING:
    from cel_expr_python import cel

Types = tuple[tuple[str, str], ...]
"""What is declared: names with "number", "text", "any", "numbers by name" or "texts by name"."""

_OVERLOAD = re.compile(r"found no matching overload for '_?(.+?)_?' applied to '\((.*)\)'")
_PLAIN = {"double": "a number", "string": "a text", "bool": "yes or no", "null_type": "null"}


class ConditionFailed(Exception):
    """An expression had no answer for these values; the sentence says why."""


@dataclass(frozen=True)
class Condition:
    """A compiled expression, with the names it refers to."""

    text: str
    names: tuple[Name, ...]
    _program: "cel.Expression"

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it is true of these values. Raises ConditionFailed where it has no answer."""
        try:
            answer = self._program.eval(data=values).value()
        except Exception as error:
            # The binding documents no errors of its own; whatever it raises, there is no answer.
            raise ConditionFailed(_sentence(str(error))) from error
        if answer is True or answer is False:
            return bool(answer)
        raise ConditionFailed(_sentence(str(answer)))


def of_any(text: str) -> Condition:
    """A condition on names that may be anything, known when its values are. Raises ExpressionInvalid."""
    names = read(text).names
    if indexed := next((name for name in names if "[" in name.written), None):
        raise ExpressionInvalid(f"'{indexed.written}' is no plain name", "write the name of a column")
    return compiled(text, tuple((name.written, "any") for name in names))


@lru_cache(maxsize=4096)
def compiled(text: str, types: Types, known: Callable[[Name], None] | None = None) -> Condition:
    """An expression over declared names. Raises ExpressionInvalid, also for one that is not yes or no.

    `known` raises it for a name that means nothing, in better words than CEL has.
    """
    from cel_expr_python import cel

    found = read(text)
    if known is not None:
        for name in found.names:
            known(name)
    try:
        program = _environment(types).compile(found.text)
    except Exception as error:
        # As above: CEL tells a slip of the author by a plain RuntimeError.
        raise ExpressionInvalid(_sentence(str(error))) from error
    if program.return_type() != cel.Type.BOOL:
        raise ExpressionInvalid(
            "this is not a condition: its answer is not yes or no", "compare it, such as with < or =="
        )
    return Condition(text, found.names, program)


@lru_cache(maxsize=256)
def _environment(types: Types) -> "cel.Env":
    from cel_expr_python import cel

    kinds = {
        "number": cel.Type.DOUBLE,
        "text": cel.Type.STRING,
        "any": cel.Type.DYN,
        "numbers by name": cel.Type.Map(cel.Type.STRING, cel.Type.DOUBLE),
        "texts by name": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
    }
    return cel.NewEnv(variables={name: kinds[kind] for name, kind in types})


def _sentence(said: str) -> str:
    """CEL's complaint on one line, without its codes and carets, and the commonest in plain words."""
    said = re.sub(r"^[A-Z_]+: ", "", said.split("\n", maxsplit=1)[0])
    said = re.sub(r"\s*\[[A-Z_]+\]$", "", re.sub(r"^ERROR: <input>:-?\d+:-?\d+: ", "", said))
    said = re.split(r" expecting ", said, maxsplit=1)[0]
    if overload := _OVERLOAD.search(said):
        types = " and ".join(_PLAIN.get(each, each) for each in overload[2].split(", "))
        return f"'{overload[1]}' does not go with {types}"
    return said[:200]
