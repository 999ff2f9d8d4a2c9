"""The gate that a data set brings with it by `not_trained_on: true`: the candidate has not seen its rows.

It is the trainer's word, as logged metrics are; where nothing was logged, nothing can be told.
"""

import math
from typing import ClassVar, Final

from pydantic import Field

from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.evidence.overlap import Overlap, OverlapNeed
from policies.figures import on_rows
from policies.gates.gate import Gate, seek
from policies.quantities import Text
from policies.verdicts import Outcome, Verdict

_SURELY: Final = math.log(1000)
"""If chance shows so many shared rows less than once in a thousand times, it was not chance."""
_LOG = "log its keys and its digest, as docs/policies.md says"


class Unseen(Gate):
    """None of a data set's rows was trained on."""

    marks: ClassVar[tuple[str, ...]] = ("dataset",)
    example: ClassVar[str] = "{dataset: holdout}"

    dataset: Text = Field(description="Name of the data set that must not have been trained on.")
    key: Text | None = Field(None, description="The column that tells its rows apart.")

    @property
    def subject(self) -> str:
        """Always with the data set."""
        return f"not trained on {self.dataset}"

    def needs(self) -> tuple[Need, ...]:
        """What both have in common."""
        return (OverlapNeed(dataset=self.dataset, column=self.key),)

    def judge(self, evidence: Evidence) -> Verdict:
        """The whole data set first, then row by row."""
        found = seek(evidence, self.needs()[0], Overlap)
        if isinstance(found, Gap):
            return self.without(found)
        outcome, told = self._said(found)
        value = None if found.shared is None else float(found.shared)
        return self.says(outcome, told, value=value, bound=0.0, rows=found.rows)

    def _said(self, found: Overlap) -> tuple[Outcome, str]:
        if found.same:
            return Outcome.FAIL, f"the candidate was trained on this very data: '{found.same[0]}' of its run"
        if self.key is None:
            return self._by_digest(found)
        if found.shared is None:
            what = f"its trainer logged no keys of the column '{self.key}'"
            return Outcome.INCONCLUSIVE, f"could not tell what the candidate was trained on: {what}: {_LOG}"
        by = f"by their '{self.key}'"
        if found.shared == 0:
            keys = f", of {found.keys:,} keys logged" if found.keys else ""
            return Outcome.PASS, f"none of {found.rows:,} rows was trained on, {by}{keys}"
        told = f"{found.shared:,} of {found.rows:,} rows were trained on, {by}"
        if beyond_chance(found.shared, found.by_chance):
            return Outcome.FAIL, f"{told}; none may be"
        chance = f"the filter of its keys shows {found.by_chance:.2g} by chance"
        return Outcome.INCONCLUSIVE, f"{told}, or none: {chance}"

    def _by_digest(self, found: Overlap) -> tuple[Outcome, str]:
        if not found.logged:
            what = "its run logged no training data whose digest can be compared"
            return Outcome.INCONCLUSIVE, f"could not tell what the candidate was trained on: {what}: {_LOG}"
        names = ", ".join(found.logged[:5])
        rest = "single rows were not compared, for the data set names no key"
        return Outcome.PASS, f"its run's training data ({names}) is other data, {on_rows(found.rows)}; {rest}"


def beyond_chance(shared: int, expected: float) -> bool:
    """Whether so many rows are too many for chance, by Chernoff's bound on the Poisson tail."""
    if not 0 < expected < math.inf:
        return expected == 0 and shared > 0
    return shared > expected and shared * math.log(shared / expected) - shared + expected > _SURELY
