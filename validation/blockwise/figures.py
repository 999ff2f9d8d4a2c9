"""A metric that is a mean of losses, or the largest, block by block: over all rows, over the parts of slices.

The first tally adds up losses, of each day where rows have days, else of each dealt group of rows where the
bootstrap asks for it. Where rows have no days, the second adds up the squares of the influences l / mean - 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from policies.evidence.need import DataNeed
from policies.slices import Slice
from validation.arrays import Floats, Integers, summed
from validation.blockwise.block import Block, all_of
from validation.blockwise.question import Question
from validation.blockwise.sums import Sums
from validation.blockwise.tally import UNFIT, WHOLE, Cell, Parts, cell
from validation.metric import Metric, MetricUndefined
from validation.metrics import metric_of
from validation.resampling import dealt
from validation.slicing import Cut, Mask, SlicesUnfit, columns_of, cut
from validation.targets import Classes


@dataclass(frozen=True)
class LossesAsked(Question):
    """Sums of losses of one model or of `both`: `first` are the candidate's, `second` the champion's."""

    need: DataNeed
    metric_name: str
    classes: Classes | None = None
    slices: Mapping[str, Slice] = field(default_factory=dict)
    both: bool = False
    dated: bool = False
    """Whether rows have days."""
    drawn: Literal["rows", "groups"] | None = None
    """What a bootstrap draws, if there is one, of rows without days: of many, dealt groups."""
    asks_again: bool = True

    @property
    def metric(self) -> Metric:
        """What is measured; made anew where it is asked, for it cannot be sent everywhere."""
        return metric_of(self.metric_name, self.classes)

    @property
    def columns(self) -> frozenset[str]:
        """Those that rows are sliced by."""
        return columns_of(self.slices)

    def first(self, block: Block) -> Parts:
        """By part and unit."""
        try:
            parts = self._parts(block)
        except SlicesUnfit as unfit:
            return {UNFIT: _wrong(block.places, unfit)}
        known, codes = np.unique(self._units(block), return_inverse=True)
        return {(part.slice, part.name): self._sums(block, part.rows, known, codes) for part in parts}

    def _parts(self, block: Block) -> list[Cut]:
        return [Cut(*WHOLE, all_of(block.rows)), *cut(block, self.slices)]

    def _units(self, block: Block) -> Integers:
        if block.days is not None:
            return block.days
        if self.drawn is None:
            return np.zeros(block.rows, dtype=np.int64)
        return dealt(block.places) if self.drawn == "groups" else block.places

    def _sums(self, block: Block, mask: Mask, known: Integers, codes: Integers) -> Cell:
        codes = codes[mask]
        if not len(codes):
            return cell(known[:0])
        try:
            costs = self._costs(block, mask)
        except MetricUndefined as undefined:
            return _wrong(block.places[mask], undefined)
        counts = np.bincount(codes, minlength=len(known))
        there = counts > 0
        with np.errstate(over="ignore", invalid="ignore"):
            sums = [summed(each, codes, len(known))[there] for each in costs]
        return cell(known[there], counts[there], sums, [float(each.max()) for each in costs])

    def _costs(self, block: Block, mask: Mask) -> list[Floats]:
        """Each model's, on these rows. The champion's failure is the surroundings'."""
        losses, target = self.metric.losses, block.target[mask]
        assert losses is not None, "only such metrics are asked block by block"
        costs = [losses(target, block.candidate[mask])]
        if self.both and block.champion is not None:
            try:
                costs.append(losses(target, block.champion[mask]))
            except MetricUndefined as undefined:
                raise MetricUndefined(str(undefined)) from undefined
        return costs

    def second(self, block: Block, first: Parts) -> Parts:
        """Each model's squares, and the scaled difference's second and fourth powers, by part."""
        if self.dated or self.metric.largest:
            return {}
        try:
            parts = {(part.slice, part.name): part.rows for part in self._parts(block)}
        except SlicesUnfit:
            return {}  # told by the first tally
        sums = {key: Sums(*key, first[key]) for key in parts if key in first}
        sound = {key: each for key, each in sums.items() if each.sound(both=self.both)}
        return {key: self._squares(block, parts[key], each) for key, each in sound.items()}

    def _squares(self, block: Block, mask: Mask, sums: Sums) -> Cell:
        if not mask.any():
            return cell()
        costs = self._costs(block, mask)
        moved = [(each - mean) / mean for each, mean in zip(costs, sums.means, strict=False)]
        ours, theirs = moved[0], moved[-1]
        apart = ((ours - theirs) / sums.scale) ** 2
        powers = (ours**2, theirs**2, apart, apart**2)
        return cell(rows=len(ours), sums=[float(each.sum()) for each in powers])


def _wrong(places: Integers, why: Exception) -> Cell:
    rows, at = len(places), int(places[0]) if len(places) else 0
    fault = getattr(why, "fault", "surroundings")
    return replace(cell(rows=rows), wrong=str(why), fault=fault, at=at)
