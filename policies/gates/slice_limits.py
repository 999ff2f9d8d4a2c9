"""What a gate may ask of every slice: bounds by slice, how many rows are enough, and no worse than before."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from policies.datasets import DEFAULT
from policies.evidence.slices import Part, parts_known
from policies.problems import suggest
from policies.quantities import Count, Number, Percent, Text
from policies.section import Complaint, Section, refuse, refuse_all
from policies.slices import ByValue, Slice
from policies.strictness import SMALLER, Stricter


def _by_slice(given: Any) -> Any:
    """A number alone is the bound of every slice."""
    return {DEFAULT: given} if isinstance(given, (int, float)) and not isinstance(given, bool) else given


_Written = Number | dict[Text, Number]
Bounds = Annotated[
    dict[Text, Number],
    BeforeValidator(_by_slice, json_schema_input_type=_Written),
]
"""A bound for each slice, or for single values and bins of one, and a default."""


class SliceLimits(Section):
    """Conditions on the slices of a data set."""

    stricter: ClassVar[Mapping[str, Stricter]] = {"no_worse_than_champion": SMALLER}

    max: Bounds = Field(
        default_factory=dict, description="The largest value that passes, by slice; default: of all others."
    )
    min: Bounds = Field(
        default_factory=dict, description="The smallest value that passes, by slice; default: of all others."
    )
    min_rows: Count = Field(1, description="Slices with fewer rows are told, and not judged.")
    no_worse_than_champion: Percent | None = Field(
        None, description="Fails if any slice is certainly worse than the champion by more than this: 10%."
    )
    confidence: Percent = Field(
        0.95, description="How sure that is, over all slices together; between 50% and 100%."
    )

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if not (self.max or self.min or self.no_worse_than_champion is not None):
            raise refuse("nothing is asked of the slices", "add max, min or no_worse_than_champion")
        complaints = [
            Complaint(("min", name), "min is above max: nothing can pass", "swap them")
            for name in self.min
            if name in self.max and self.min[name] > self.max[name]
        ]
        if not 0.5 < self.confidence < 1:  # noqa: PLR2004 a coin is sure of 50 %
            words = "write one above 50% and below 100%, such as 95%"
            complaints.append(Complaint(("confidence",), "no such confidence can be had", words))
        if complaints:
            raise refuse_all(complaints)
        return self

    def unknown(self, slices: Mapping[str, Slice]) -> Iterable[Complaint]:
        """Bounds of slices that there are not."""
        named = [*slices, *parts_known(slices), DEFAULT]
        by_value = tuple(f"{name} " for name, each in slices.items() if type(each) is ByValue)
        for side, bounds in (("max", self.max), ("min", self.min)):
            for name in bounds:
                if name not in named and not name.startswith(by_value):
                    yield Complaint((side, name), f"no slice '{name}'", suggest(name, named), on_key=True)

    def bounds(self, part: Part) -> tuple[float | None, float | None]:
        """Smallest and largest value of a part: its own, its slice's, or the default."""
        lowest, largest = (
            next((of[name] for name in (part.name, part.slice, DEFAULT) if name in of), None)
            for of in (self.min, self.max)
        )
        return lowest, largest

    def without_rows(self, parts: Iterable[Part]) -> list[str]:
        """Bounds that no part of the data falls under."""
        there = {DEFAULT} | {name for part in parts for name in (part.name, part.slice)}
        return [name for name in dict.fromkeys([*self.max, *self.min]) if name not in there]
