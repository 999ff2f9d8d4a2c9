"""`{drift: {against: training, psi: 0.2}}`: inputs and predictions still look as they did in training."""

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from policies.evidence.drift import Drift, DriftNeed
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.figures import numbers, on_rows
from policies.gates.gate import Gate, seek
from policies.gates.metric import HOLDOUT
from policies.quantities import Text
from policies.section import Section
from policies.strictness import SMALLER, Stricter
from policies.verdicts import OnInconclusive, Outcome, Verdict

_NAMED = 5
"""So many drifted columns are named; the rest are counted."""


class Moved(Section):
    """What is compared with what, and how far apart they may be."""

    stricter: ClassVar[Mapping[str, Stricter]] = {"psi": SMALLER}

    against: Literal["training"] = Field(
        description="training: the profile of its training data that the run logged."
    )
    psi: Annotated[float, Field(strict=True, gt=0, le=100)] = Field(
        description="The largest population stability index of any column: 0.1 is some drift, 0.25 much."
    )
    columns: tuple[Text, ...] = Field((), description="Columns to look at; left out, all the model takes.")


class Drifting(Gate):
    """The data set against the data that the candidate was trained on, column by column, and predictions."""

    marks: ClassVar[tuple[str, ...]] = ("drift",)
    example: ClassVar[str] = "{drift: {against: training, psi: 0.2}, severity: warn}"

    drift: Moved = Field(description="Against what, and how far columns may have moved.")
    dataset: Text = Field(HOLDOUT, description="Name of the data set that may have drifted.")
    on_inconclusive: OnInconclusive | None = Field(
        None,
        description="What follows if the rows are too few to tell; without it, what the transition says.",
    )

    @property
    def subject(self) -> str:
        """The data set is named if it is not the usual one."""
        return "drift" if self.dataset == HOLDOUT else f"drift on {self.dataset}"

    def needs(self) -> tuple[Need, ...]:
        """The indices of all columns, and of the prediction."""
        return (DriftNeed(dataset=self.dataset, columns=self.drift.columns),)

    def judge(self, evidence: Evidence) -> Verdict:
        """The column that moved most decides, unless so few rows would show as much by chance."""
        found = seek(evidence, self.needs()[0], Drift)
        if isinstance(found, Gap):
            return self.without(found)
        figures = [*found.psi.values(), found.by_chance]
        if min(found.rows, found.trained_on) < 1 or not found.psi:
            return self.says(Outcome.ERROR, "drift rests on no rows", rows=found.rows)
        if not all(math.isfinite(figure) and figure >= 0 for figure in figures):
            return self.says(Outcome.ERROR, "the index of a column was not a figure", rows=found.rows)
        most = max(found.psi, key=lambda column: (found.psi[column], column))
        value, bound = found.psi[most], self.drift.psi
        if value <= bound:
            outcome, chance = Outcome.PASS, ""
        elif value - found.by_chance > bound:
            outcome, chance = Outcome.FAIL, ""
        else:
            outcome = Outcome.INCONCLUSIVE
            chance = f": so few rows show {found.by_chance:.2g} by chance; more would tell"
        return self.says(
            outcome,
            f"{self._told(found.psi, most)}, {on_rows(found.rows)} against {found.trained_on:,} of training"
            f"{chance}",
            value=value,
            bound=bound,
            rows=found.rows,
            on_inconclusive=self.on_inconclusive,
        )

    def _told(self, psi: Mapping[str, float], most: str) -> str:
        value, bound = numbers(psi[most], self.drift.psi)
        told = f"the largest drift was psi {value}, of {most}, at most {bound} allowed"
        others = sorted((c for c in psi if psi[c] > self.drift.psi and c != most), key=lambda c: -psi[c])
        if not others:
            return told
        rest = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        return f"{told} (above it also {', '.join(others[:_NAMED])}{rest})"
