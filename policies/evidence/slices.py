"""One metric of every slice of a data set: of the candidate, and of candidate and champion."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field

from policies.evidence.comparison import Comparison, ComparisonNeed
from policies.evidence.need import DataNeed
from policies.evidence.told import Told
from policies.slices import AnySlice, Slice
from registry.words import Value


class Part(Value):
    """Some rows of a data set: of the slice `slice` by its name, or of one of that slice's values or bins."""

    name: str
    slice: str
    rows: int


class MeasuredPart(Part):
    """The candidate's metric over these rows; without a value, `wrong` says why.

    `se` is the standard error of ln(value), where there is one: nothing is decided by it.
    """

    value: float | None = None
    se: float | None = None
    wrong: str = ""


class ComparedPart(Part):
    """Candidate and champion over these rows; without a comparison, `wrong` says why."""

    compared: Comparison | None = None
    wrong: str = ""


class SliceMeasurement(Value):
    """One metric of the candidate by slice; `rows` are all of the data set's, `slices` how they were cut."""

    kind: Literal["slices"] = "slices"
    rows: int
    slices: dict[str, str]
    parts: tuple[MeasuredPart, ...]


class SliceComparison(Value):
    """Candidate and champion by slice."""

    kind: Literal["slice comparison"] = "slice comparison"
    rows: int
    slices: dict[str, str]
    parts: tuple[ComparedPart, ...]


class BySlice(DataNeed):
    """One metric, on each slice that the data set declares."""

    metric: str
    slices: dict[str, AnySlice] = Field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Figures by slice; on one data set that need not be named."""
        return (f"{self.metric} by slice on {self.dataset}", f"{self.metric} by slice")

    def sliced(self, slices: Mapping[str, Slice]) -> Self:
        """With these slices."""
        return self.model_copy(update={"slices": dict(slices)})

    def unanswered(self, found: Value) -> str | None:
        """Slices that were cut otherwise, or are not there, say nothing of these."""
        if not isinstance(found, (SliceMeasurement, SliceComparison)):
            return None
        if found.slices != defined(self.slices):
            return f"{self.key} was measured when the slices were cut otherwise"
        known = {part.name for part in found.parts}
        absent = [name for name in parts_known(self.slices) if name not in known]
        return f"{self.key} was not measured of {', '.join(absent)}" if absent else None


class SliceNeed(BySlice):
    """Measure one metric of the candidate by slice."""

    kind: Literal["slices"] = "slices"

    @property
    def key(self) -> str:
        """The metric and where."""
        return f"{self.metric} by slice on {self.dataset}"

    def told(self, told: Told) -> SliceMeasurement | None:
        """Figures by the parts' names; what a case does not tell of is no part of its data."""
        figures = told.by_name(self.names)
        if figures is None:
            return None
        parts = tuple(
            MeasuredPart(name=name, slice=slice_of(name, self.slices), rows=told.rows, value=value)
            for name, value in figures.items()
        )
        return SliceMeasurement(rows=told.rows, slices=defined(self.slices), parts=parts)


class SliceComparisonNeed(BySlice):
    """Compare candidate and champion by one metric, slice by slice."""

    against_champion: ClassVar[bool] = True

    kind: Literal["slice comparison"] = "slice comparison"

    @property
    def key(self) -> str:
        """The metric and where."""
        return f"{self.metric} by slice against champion on {self.dataset}"

    def told(self, told: Told) -> SliceComparison | None:
        """Both figures of each part, as sure as the case says."""
        ours, theirs = told.by_name(self.names), told.by_name(self.names, of_champion=True)
        if ours is None or theirs is None:
            return None
        parts = tuple(self._compared(told, name, ours[name], theirs[name]) for name in ours if name in theirs)
        return SliceComparison(rows=told.rows, slices=defined(self.slices), parts=parts)

    def _compared(self, told: Told, name: str, ours: float, theirs: float) -> ComparedPart:
        one = Told({name: ours}, {name: theirs}, rows=told.rows, uncertainty=told.uncertainty)
        compared = ComparisonNeed(metric=name, dataset=self.dataset).told(one)
        return ComparedPart(name=name, slice=slice_of(name, self.slices), rows=told.rows, compared=compared)


def defined(slices: Mapping[str, Slice]) -> dict[str, str]:
    """How each slice is cut, in words."""
    return {name: each.written for name, each in slices.items()}


def parts_known(slices: Mapping[str, Slice]) -> list[str]:
    """The parts that must be there whatever the data says."""
    return [part for name, each in slices.items() for part in each.parts(name)]


def slice_of(part: str, slices: Iterable[str]) -> str:
    """The slice that a part's name speaks of; the longest, if one's name begins with another's."""
    fitting = [name for name in slices if part == name or part.startswith(f"{name} ")]
    return max(fitting, key=len, default=part)
