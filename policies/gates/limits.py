"""Limits: a figure between `min` and `max`, for every gate that bounds one number."""

import math
from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import Field, model_validator

from policies.figures import numbers, on_rows
from policies.gates.gate import Gate
from policies.quantities import Number
from policies.section import refuse
from policies.strictness import LARGER, SMALLER, Stricter
from policies.verdicts import Outcome, Verdict


class Limits(Gate):
    """A gate on one figure."""

    stricter: ClassVar[Mapping[str, Stricter]] = {"max": SMALLER, "min": LARGER}

    max: Number | None = Field(None, description="The largest value that passes, in the metric's own unit.")
    min: Number | None = Field(None, description="The smallest value that passes, in the metric's own unit.")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.max is None and self.min is None:
            raise refuse(f"'{self.marks[0]}' has no limit", "add max or min, such as max: 5.0")
        if self.max is not None and self.min is not None and self.min > self.max:
            raise refuse("min is above max: nothing can pass", "swap them, or take one out")
        return self

    def limit(self, figure: str, value: float, rows: int | None = None) -> Verdict:
        """The verdict on a value; what is no finite number, or rests on no rows, cannot be judged."""
        if not math.isfinite(value):
            return self.says(Outcome.ERROR, f"{figure} was {value}, which is not a figure", rows=rows)
        if rows is not None and rows < 1:
            return self.says(Outcome.ERROR, f"{figure} rests on no rows", rows=rows)
        bound, words = self._nearest(value)
        told, allowed = numbers(value, bound)
        passed = (self.max is None or value <= self.max) and (self.min is None or value >= self.min)
        where = "" if rows is None else f", {on_rows(rows)}"
        return self.says(
            Outcome.PASS if passed else Outcome.FAIL,
            f"{figure} was {told}, {words} {allowed} allowed{where}",
            value=value,
            bound=bound,
            rows=rows,
        )

    def _nearest(self, value: float) -> tuple[float, str]:
        """The bound that is broken, or else comes next, and its words."""
        if self.max is None or (self.min is not None and abs(value - self.min) < abs(value - self.max)):
            assert self.min is not None, "one of the two is there: checked when the policy was loaded"
            return self.min, "at least"
        return self.max, "at most"
