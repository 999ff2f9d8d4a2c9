"""Slices of a data set as a policy declares them: by a condition, by value, or by bins of a column."""

import math
from abc import abstractmethod
from itertools import pairwise
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, SerializeAsAny

from policies.expressions.condition import of_any
from policies.expressions.reading import ExpressionInvalid
from policies.kinds import AnyOf, Kind, choose
from policies.quantities import Text
from policies.section import refuse
from policies.wording import shown

MAX_PARTS = 200
"""More slices than a reviewer can look at are no slices."""


class Slice(Kind):
    """Rows of a data set that are judged for themselves: one part, or several."""

    @property
    @abstractmethod
    def written(self) -> str:
        """What it is, in a few words: two that are the same choose the same rows."""

    def parts(self, name: str) -> tuple[str, ...]:  # noqa: ARG002 some know none
        """The parts that are known before any data is read."""
        return ()


def _condition(given: Any) -> Any:
    if isinstance(given, str):
        try:
            of_any(given)
        except ExpressionInvalid as invalid:
            raise refuse(invalid.what, invalid.instead) from invalid
    return given


class Where(Slice):
    """The rows of which a condition holds."""

    marks: ClassVar[tuple[str, ...]] = ("where",)
    example: ClassVar[str] = "{where: hour >= 20 || hour < 6}"

    where: Annotated[Text, BeforeValidator(_condition, json_schema_input_type=str)] = Field(
        description="A condition in CEL on the row's columns."
    )

    @property
    def written(self) -> str:
        """The condition."""
        return f"where {self.where}"

    def parts(self, name: str) -> tuple[str, ...]:
        """One, of its own name."""
        return (name,)


class ByValue(Slice):
    """One part for each value of a column."""

    marks: ClassVar[tuple[str, ...]] = ("by",)
    example: ClassVar[str] = "{by: hour}"

    by: Text = Field(description=f"A column of at most {MAX_PARTS} different values.")

    @property
    def written(self) -> str:
        """The column."""
        return f"by {self.by}"


def _edge(given: Any) -> Any:
    """`inf` is a word in YAML."""
    return float(given) if given in {"inf", "-inf"} else given


Edge = Annotated[
    float,
    Field(strict=True),
    BeforeValidator(
        _edge,
        json_schema_input_type=float | Annotated[str, Field(json_schema_extra={"enum": ["inf", "-inf"]})],
    ),
]


def _rising(edges: tuple[float, ...]) -> tuple[float, ...]:
    if any(not low < high for low, high in pairwise(edges)):
        raise refuse("these edges do not rise", "write them from the smallest on, each once")
    return edges


class Bins(Slice):
    """One part for each bin of a column, and one for the rows in none of them."""

    marks: ClassVar[tuple[str, ...]] = ("by", "bins")
    example: ClassVar[str] = "{by: distance_km, bins: [0, 2, 5, inf]}"

    by: Text = Field(description="A column of numbers.")
    bins: Annotated[tuple[Edge, ...], Field(min_length=2, max_length=MAX_PARTS), AfterValidator(_rising)] = (
        Field(description="The edges: [0, 2, 5, inf]. A bin begins with its edge, and ends before the next.")
    )

    @property
    def written(self) -> str:
        """The column and the edges."""
        return f"by {self.by} in {', '.join(f'{edge:.17g}' for edge in self.bins)}"

    def parts(self, name: str) -> tuple[str, ...]:
        """One for each bin."""
        return tuple(f"{name} {_between(low, high)}" for low, high in pairwise(self.bins))


def _between(low: float, high: float) -> str:
    if math.isinf(low):
        return f"below {high:g}" if math.isfinite(high) else "anything"
    return f"{low:g} to {high:g}" if math.isfinite(high) else f"from {low:g}"


SLICES: tuple[type[Slice], ...] = (Where, ByValue, Bins)


def _read(given: Any) -> Slice:
    """A condition alone is short for `where`."""
    if isinstance(given, Slice):
        return given
    if isinstance(given, str):
        return Where.model_validate({"where": given})
    if given is None or not isinstance(given, dict):
        raise refuse(f"{shown(given)} is not a slice", f"write a condition in quotes, or {ByValue.example}")
    return choose(SLICES, given, noun="slice")


AnySlice = Annotated[SerializeAsAny[Slice], PlainValidator(_read), AnyOf(lambda: (str, *SLICES))]
"""A slice of any kind, read from its mapping or from a condition alone."""
