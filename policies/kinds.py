"""Kinds: mappings told apart by the keys that mark them, such as `{metric: ..., compared_to: ...}`.

Gates and steps are both lists of such mappings; a new kind is a class with its marks and a row in a table.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar, TypeVar

from pydantic import GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from policies.problems import suggest
from policies.section import Complaint, Section, refuse, refuse_all
from policies.wording import shown


class Kind(Section):
    """A mapping recognised by its keys."""

    marks: ClassVar[tuple[str, ...]]
    """Keys that must all be there; the first is the one that people call the kind by."""
    example: ClassVar[str]
    """How it is written, for error messages and documentation."""


K = TypeVar("K", bound=Kind)


@dataclass(frozen=True)
class AnyOf:
    """In an annotation: any of these kinds may stand here; which, is asked when the language is described."""

    kinds: Callable[[], Sequence[type[Any]]]

    def __get_pydantic_json_schema__(
        self, _: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The union of all kinds; pydantic asks for it by this name."""
        union: Any = reduce(operator.or_, self.kinds())
        return handler(TypeAdapter(union).core_schema)


def fitting(kinds: Sequence[type[K]], given: Mapping[str, Any]) -> list[type[K]]:
    """The kinds whose marks are all there."""
    return [kind for kind in kinds if set(kind.marks) <= given.keys()]


def choose(kinds: Sequence[type[K]], given: Any, *, noun: str) -> K:
    """The value of the kind whose marks are all there; where several fit, of the one with most marks."""
    if not isinstance(given, dict) or not given:
        raise refuse(
            f"{shown(given or None)} is not a {noun}", f"write a mapping, such as {kinds[0].example}"
        )
    if found := fitting(kinds, given):
        return max(found, key=lambda kind: len(kind.marks)).model_validate(given)
    leading = next((key for key in given if key not in {"name", "severity"}), next(iter(given)))
    what, instead = f"unknown {noun} '{leading}'", suggest(leading, [kind.marks[0] for kind in kinds])
    raise refuse_all([Complaint((leading,), what, instead, on_key=True)])
