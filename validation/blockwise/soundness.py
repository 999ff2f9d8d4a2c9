"""Whether all predictions are finite, and of how many rows: counted before anything is made of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from policies.evidence.gap import Gap
from policies.evidence.kinds import Finding
from validation.arrays import Floats
from validation.blockwise.answers import AnswersAsked
from validation.blockwise.block import Block
from validation.blockwise.question import Question
from validation.blockwise.tally import Cell, Tally, cell

CANDIDATE, CHAMPION = (0, "", "candidate"), (0, "", "champion")


def soundness(block: Block) -> Tally:
    """The rows, and how many of each model's predictions are no finite numbers."""
    found = {CANDIDATE: _cell(block, block.candidate)}
    return found if block.champion is None else found | {CHAMPION: _cell(block, block.champion)}


def _cell(block: Block, predictions: Floats) -> Cell:
    wrong = ~np.isfinite(predictions)
    counted = cell(rows=block.rows, sums=[float(wrong.sum())])
    if not wrong.any():
        return counted
    first = int(np.argmax(wrong))
    place = int(block.places[first])
    told = f"(the first is {predictions[first]}, for row {place + 1:,} of the data set)"
    return replace(counted, wrong=told, at=place)


def unsound(questions: Sequence[Question], tally: Tally) -> dict[str, Finding]:
    """The gaps of those that cannot be answered of such predictions."""
    gaps: dict[str, Finding] = {}
    for each in questions:
        if isinstance(each, AnswersAsked):
            continue
        if why := _why(tally.get(CANDIDATE)):
            gaps[each.need.key] = Gap(reason=f"the candidate {why}", fault="candidate")
        elif each.need.against_champion and (why := _why(tally.get(CHAMPION))):
            gaps[each.need.key] = Gap(reason=f"the champion could not be scored: it {why}")
    return gaps


def _why(found: Cell | None) -> str:
    if found is None or not found.wrong:
        return ""
    rows, wrong = map(int, found.added[:, :2].sum(axis=0))
    return f"gave {wrong:,} of {rows:,} predictions that are not finite numbers {found.wrong}"
