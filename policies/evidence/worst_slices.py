"""The slices on which the candidate does worst, found on one half of the rows and measured on the other."""

import math
from typing import Literal

from policies.evidence.need import DataNeed
from policies.evidence.told import Told
from registry.words import Value


class FoundSlice(Value):
    """A slice on the confirming half: its metric, that of the rest, and ln of their ratio with its spread."""

    name: str
    rows: int
    value: float
    rest: float
    log_ratio: float
    se: float
    dof: float


class WorstSlices(Value):
    """The worst found, worst first; `tried` slices were looked at, `rows` are all of the data set's."""

    kind: Literal["worst slices"] = "worst slices"
    rows: int
    tried: int
    slices: tuple[FoundSlice, ...]


class WorstSlicesNeed(DataNeed):
    """Look for slices of at least `min_rows` rows, over columns and pairs of them; no columns: all fit."""

    kind: Literal["worst slices"] = "worst slices"
    metric: str
    columns: tuple[str, ...] = ()
    min_rows: int

    @property
    def key(self) -> str:
        """The metric, where, and over what."""
        over = f" over {', '.join(self.columns)}" if self.columns else ""
        return f"worst slices of {self.metric}{over} from {self.min_rows} rows on {self.dataset}"

    @property
    def names(self) -> tuple[str, ...]:
        """A case tells how much worse the worst is than the rest, as a fraction, such as 0.3."""
        return (self.key, f"worst slice of {self.metric}")

    def told(self, told: Told) -> WorstSlices | None:
        """One slice, so much worse than the rest; below -1 nothing can be."""
        worse = told.number(self.names)
        if worse is None:
            return None
        ratio = math.log1p(max(worse, -0.999)) if math.isfinite(worse) else worse
        found = FoundSlice(
            name="the worst", rows=told.rows, value=1 + worse, rest=1.0, log_ratio=ratio, se=told.uncertainty,
            dof=float(told.rows),
        )  # fmt: skip
        return WorstSlices(rows=told.rows, tried=1, slices=(found,))
