"""The candidate's predictions as they came, block by block."""

from dataclasses import dataclass

import numpy as np

from policies.evidence.answers import Answers, AnswersNeed
from validation.blockwise.block import Block
from validation.blockwise.question import Question
from validation.blockwise.tally import WHOLE, Parts, cell


@dataclass(frozen=True)
class AnswersAsked(Question):
    """Summed are the missing and the infinite; the most are the highest, and the lowest turned round."""

    need: AnswersNeed

    def first(self, block: Block) -> Parts:
        """Of a block."""
        found = block.candidate
        missing, infinite = (
            each.reshape(len(found), -1).any(axis=1) for each in (np.isnan(found), np.isinf(found))
        )
        finite = found[np.isfinite(found)]
        counts = float(missing.sum()), float((infinite & ~missing).sum())
        most = (float(finite.max()), -float(finite.min())) if len(finite) else ()
        return {WHOLE: cell(rows=len(found), sums=counts, most=most)}

    def finding(self, first: Parts, second: Parts) -> Answers:  # noqa: ARG002 there is none
        """Rows with anything missing or infinite in them, and the range of what is finite."""
        rows, missing, infinite = map(int, first[WHOLE].added[0, :3])
        highest, turned = first[WHOLE].most
        known = bool(np.isfinite(highest))
        return Answers(
            rows=rows,
            missing=missing,
            infinite=infinite,
            lowest=-float(turned) if known else None,
            highest=float(highest) if known else None,
        )
