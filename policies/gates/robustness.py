"""`{robustness: {noise: 0.01, columns: [x]}, max_change: 10%}`: noise makes a metric little worse."""

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from policies.evidence.disturbance import Disturbance, DisturbanceNeed
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.figures import numbers, on_rows, percent
from policies.gates.gate import Gate, seek
from policies.gates.metric import HOLDOUT
from policies.metrics import Better, MetricName, direction
from policies.quantities import Percent, Share, Text
from policies.section import Complaint, Section, refuse, refuse_all
from policies.strictness import SMALLER, Stricter
from policies.verdicts import Outcome, Verdict


class Disturbed(Section):
    """What is done to the inputs, and what is measured before and after."""

    noise: Annotated[float, Field(strict=True, gt=0, le=10)] | None = Field(
        None, description="Standard deviation of the noise, as a multiple of each column's own: 0.01."
    )
    missing: Share | None = Field(None, description="Share of the columns' values that are taken away: 5%.")
    columns: Annotated[tuple[Text, ...], Field(min_length=1)] = Field(
        description="Columns that are disturbed; for noise, numeric ones."
    )
    metric: MetricName = Field("rmse", description="The metric that is measured before and after.")

    @model_validator(mode="after")
    def _disturbs(self) -> Self:
        if not self.noise and not self.missing:
            raise refuse("nothing is disturbed", "add noise or missing, such as noise: 0.01")
        if len(set(self.columns)) < len(self.columns):
            raise refuse_all([Complaint(("columns",), "a column stands here twice", "take one out")])
        return self


class Robust(Gate):
    """A metric under disturbed inputs."""

    marks: ClassVar[tuple[str, ...]] = ("robustness",)
    example: ClassVar[str] = (
        "{robustness: {noise: 0.01, columns: [pickup_latitude, pickup_longitude]}, max_change: 10%}"
    )
    stricter: ClassVar[Mapping[str, Stricter]] = {"max_change": SMALLER}

    robustness: Disturbed = Field(description="What is disturbed: by noise, by missing values, or by both.")
    max_change: Percent = Field(ge=0, description="How much worse the metric may become: 10%.")
    dataset: Text = Field(HOLDOUT, description="Name of the data set to disturb.")

    @property
    def subject(self) -> str:
        """The disturbance, its columns and the data set if it is not the usual one."""
        how = [word for word in ("noise", "missing") if getattr(self.robustness, word)]
        where = "" if self.dataset == HOLDOUT else f" on {self.dataset}"
        return f"{' and '.join(how)} in {', '.join(self.robustness.columns)}{where}"

    def needs(self) -> tuple[Need, ...]:
        """The metric before and after."""
        done = self.robustness
        return (
            DisturbanceNeed(
                dataset=self.dataset,
                metric=done.metric,
                columns=done.columns,
                noise=done.noise or 0.0,
                missing=done.missing or 0.0,
            ),
        )

    def judge(self, evidence: Evidence) -> Verdict:
        """By how much worse the metric became, as a share of what it was."""
        found = seek(evidence, self.needs()[0], Disturbance)
        if isinstance(found, Gap):
            return self.without(found)
        metric, where = self.robustness.metric, on_rows(found.rows)
        if found.rows < 1 or not (math.isfinite(found.before) and math.isfinite(found.after)):
            told = f"{metric} was {found.before} before and {found.after} after, {where}: no figures to judge"
            return self.says(Outcome.ERROR, told, rows=found.rows)
        better = direction(metric)
        if found.before < 0 or (found.before == 0 and better is Better.LARGER):
            told = f"{metric} was {found.before:g} before anything was disturbed: no share of it can be told"
            return self.says(Outcome.ERROR, told, rows=found.rows)
        change = _worse_by(found, better)
        passed = change <= self.max_change
        return self.says(
            Outcome.PASS if passed else Outcome.FAIL,
            f"{metric} {_moved(found, change)} under {self.subject}, "
            f"at most {percent(self.max_change)} worse allowed, {where}",
            value=change,
            bound=self.max_change,
            rows=found.rows,
        )


def _worse_by(found: Disturbance, better: Better) -> float:
    """How much worse it became, as a share of what it was; endlessly from a perfect nought."""
    worse = (found.after - found.before) * (1 if better is Better.SMALLER else -1)
    if worse == 0:
        return 0.0
    return worse / found.before if found.before else math.inf


def _moved(found: Disturbance, change: float) -> str:
    if change == 0:
        return f"stayed {numbers(found.before)[0]}"
    before, after = numbers(found.before, found.after)
    return f"went from {before} to {after} ({percent(change)} {'worse' if change > 0 else 'better'})"
