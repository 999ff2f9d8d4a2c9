"""The first tally of a metric, part by part, and what the influences' squares are by it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from policies.slices import MAX_PARTS, ByValue, Slice
from validation.arrays import Table
from validation.blockwise.tally import UNFIT, WHOLE, Cell, Parts
from validation.comparison import Squares, freedom, squares_of
from validation.measuring.scores import Unmeasured
from validation.metric import Metric, MetricUndefined
from validation.resampling import MOST_GROUPS


@dataclass(frozen=True, eq=False)
class Sums:
    """One part's rows and summed losses: of the candidate first, of the champion second."""

    slice: str
    part: str
    cell: Cell

    @property
    def units(self) -> Table:
        """Rows, and each model's losses, by unit."""
        return self.cell.added[:, :3]

    @property
    def rows(self) -> int:
        """Of all units."""
        return int(self.cell.added[:, 0].sum())

    @property
    def means(self) -> tuple[float, float]:
        """Of each model's losses."""
        with np.errstate(over="ignore"):
            ours, theirs = self.units[:, 1:].sum(axis=0) / self.rows
        return float(ours), float(theirs)

    @property
    def scale(self) -> float:
        """No difference of influences is larger, so that their powers neither overflow nor vanish."""
        pairs = zip(self.cell.most, self.means, strict=True)
        return sum(float(most) / mean for most, mean in pairs if mean > 0) or 1.0

    @property
    def groups(self) -> Table:
        """Units by the number of the group that rows were dealt to: one without rows has nought."""
        numbers = self.cell.units
        found = np.zeros((min(MOST_GROUPS, int(numbers.max()) + 1), 3))
        found[numbers] = self.units
        return found

    def value(self, metric: Metric, model: int) -> float:
        """Of the candidate, 0, or the champion, 1. Raises MetricUndefined for what some row said."""
        if self.cell.wrong:
            fault = self.cell.fault
            raise MetricUndefined(self.cell.wrong, "candidate" if fault == "candidate" else "surroundings")
        if metric.largest:
            return float(self.cell.most[model])
        return float(np.float64(self.means[model]) ** metric.power)

    def sound(self, *, both: bool) -> bool:
        """Whether there are means, and they are numbers above 0, of which logarithms can be taken."""
        if self.rows == 0 or self.cell.wrong:
            return False
        return all(0 < mean < math.inf for mean in (self.means if both else self.means[:1]))

    def squares(self, second: Parts, *, of_days: bool) -> Squares:
        """Of the influences' sums: over days from this tally, over single rows from the second."""
        if of_days:
            rows, *losses = self.units.T
            ours, theirs = (
                (each - mean * rows) / mean if mean else np.zeros(len(rows))
                for each, mean in zip(losses, self.means, strict=True)
            )
            return squares_of(ours, theirs, ours - theirs)
        _, a, b, third, fourth = map(float, second[self.slice, self.part].added[0])
        return Squares(self.rows, a, b, third * self.scale**2, freedom(self.rows, third, fourth))


def whole_of(first: Parts) -> Sums:
    """All rows. Raises Unmeasured where they cannot be cut into parts."""
    if UNFIT in first:
        raise Unmeasured(first[UNFIT].wrong)
    return Sums(*WHOLE, first[WHOLE])


def parts_of(first: Parts, slices: Mapping[str, Slice]) -> list[Sums]:
    """By slice as they are declared, values by their names. Raises Unmeasured for a column of too many."""
    found = []
    for name, declared in slices.items():
        mine = {part: Sums(name, part, cell) for (of, part), cell in first.items() if of == name}
        missing = f"{name} missing"
        if isinstance(declared, ByValue) and len(mine.keys() - {missing}) > MAX_PARTS:
            what = f"'{declared.by}' has {len(mine):,} different values, at most {MAX_PARTS} can be slices"
            raise Unmeasured(f"the slice '{name}' cannot be cut: {what}; write bins or a condition")
        known = [*declared.parts(name), *sorted(mine.keys() - {missing}), missing]
        found += [mine[part] for part in dict.fromkeys(known) if part in mine]
    return found
