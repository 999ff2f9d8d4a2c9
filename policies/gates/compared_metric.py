"""`{metric: mae, compared_to: champion, margin: 2%}`: not worse than champion or baseline by over a margin.

The statistics are `noninferiority`'s; this says which figures it may be asked for, and puts it in words.
"""

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from policies.evidence.baseline import BaselineNeed
from policies.evidence.comparison import Comparison, ComparisonNeed
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.figures import numbers, on_rows, percent
from policies.gates.gate import Gate, seek
from policies.gates.metric import HOLDOUT
from policies.metrics import Better, MetricName, direction
from policies.noninferiority import Bound, expm1
from policies.quantities import Percent, Text
from policies.section import Complaint, refuse, refuse_all
from policies.strictness import SMALLER, Stricter
from policies.verdicts import OnInconclusive, Outcome, Verdict
from policies.wording import shown

CHAMPION = "champion"
MEAN = "baseline:mean"
LINEAR = "baseline:linear-"
_KNOWN = rf"^({CHAMPION}|{MEAN}|{LINEAR}.+)$"


def _rival(given: Any) -> Any:
    if isinstance(given, str) and not re.match(_KNOWN, given):
        raise refuse(
            f"{shown(given)} is nothing to compare with", f"write {CHAMPION}, {MEAN} or {LINEAR}COLUMN"
        )
    return given


Rival = Annotated[Text, BeforeValidator(_rival), Field(json_schema_extra={"pattern": _KNOWN})]

BOOTSTRAP_CONFIDENCE = 0.95
"""One-sided: `Resampled` holds the 5 % and 95 % quantiles."""


class ComparedMetric(Gate):
    """Candidate and champion on the same rows of one data set."""

    marks: ClassVar[tuple[str, ...]] = ("metric", "compared_to")
    example: ClassVar[str] = "{metric: mae, compared_to: champion, margin: 2%}"
    stricter: ClassVar[Mapping[str, Stricter]] = {"margin": SMALLER}

    metric: MetricName = Field(description="Name of a metric that Gatehouse measures.")
    compared_to: Rival = Field(
        description="champion: the version in service; baseline:mean or baseline:linear-COLUMN: made by us."
    )
    margin: Percent = Field(
        description="How much worse than the other it may be: 2%. Negative demands better: -20%."
    )
    confidence: Percent = Field(0.95, description="How sure the one-sided bound is, between 50% and 100%.")
    dataset: Text = Field(HOLDOUT, description="Name of the data set to compare on.")
    on_inconclusive: OnInconclusive | None = Field(
        None, description="What follows if the data cannot say; without it, what the transition says."
    )

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        complaints = []
        if self.better is Better.SMALLER and self.margin <= -1:
            complaints.append(
                Complaint(("margin",), "nothing can be 100% smaller", "write a margin above -100%")
            )
        if self.better is Better.SMALLER and self.margin > 1:
            what = "this lets more than twice the champion's error pass"
            complaints.append(Complaint(("margin",), what, "write at most 100%"))
        if self.better is Better.LARGER and self.margin >= 1:
            complaints.append(Complaint(("margin",), "this lets anything pass", "write a margin below 100%"))
        if not 0.5 < self.confidence < 1:  # noqa: PLR2004 a coin is sure of 50 %
            words = "write one above 50% and below 100%, such as 95%"
            complaints.append(Complaint(("confidence",), "no such confidence can be had", words))
        if complaints:
            raise refuse_all(complaints)
        return self

    @property
    def better(self) -> Better:
        """Which way the metric improves."""
        return direction(self.metric)

    @property
    def _with_champion(self) -> bool:
        return self.compared_to == CHAMPION

    @property
    def _other(self) -> str:
        return CHAMPION if self._with_champion else "baseline"

    @property
    def subject(self) -> str:
        """The metric and whom it is held against."""
        where = "" if self.dataset == HOLDOUT else f" on {self.dataset}"
        return f"{self.metric} against {self.compared_to}{where}"

    def needs(self) -> tuple[Need, ...]:
        """The comparison on the data set."""
        if self._with_champion:
            return (ComparisonNeed(metric=self.metric, dataset=self.dataset),)
        line = self.compared_to.removeprefix(LINEAR) if self.compared_to != MEAN else None
        return (BaselineNeed(metric=self.metric, dataset=self.dataset, column=line),)

    def judge(self, evidence: Evidence) -> Verdict:
        """Skips without a champion; else as the bound says."""
        if self._with_champion and evidence.champion is None:
            return self.says(Outcome.SKIP, f"{self.metric} was not compared: there is no champion yet")
        found = seek(evidence, self.needs()[0], Comparison)
        if isinstance(found, Gap):
            return self.without(found)
        if wrong := self._unusable(found):
            return self.says(Outcome.ERROR, wrong, rows=found.rows)
        if found.log_ratio is None or found.se is None:
            return self._without_bound(found)
        return self._with_bound(found, found.log_ratio, found.se)

    def says(self, outcome: Outcome, sentence: str, **figures: Any) -> Verdict:
        """A verdict that remembers what follows if it is inconclusive."""
        return super().says(outcome, sentence, **figures, on_inconclusive=self.on_inconclusive)

    def _unusable(self, found: Comparison) -> str | None:
        """Why these figures cannot be judged by, if so."""
        figures = (found.candidate, found.champion, found.log_ratio or 0.0, found.se or 0.0)
        sound = found.spread is None or found.spread.sound
        if not all(map(math.isfinite, figures)) or (found.se or 0.0) < 0 or not sound:
            return f"{self._pair(found)}, which is not a comparison of figures"
        if found.rows < 2:  # noqa: PLR2004 one row has no spread
            return f"{self.metric} was compared {on_rows(found.rows)}: too few to judge by"
        return None

    def _without_bound(self, found: Comparison) -> Verdict:
        """A perfect model on either side leaves no ratio, but an answer; else nothing can be told."""
        told = f"{self._pair(found)}, {_rests_on(found, self._other)}"
        if found.days == 1:
            return self.says(
                Outcome.ERROR, f"{told}: how days differ cannot be told from one", rows=found.rows
            )
        if self.better is Better.LARGER or min(found.candidate, found.champion) != 0:
            return self.says(
                Outcome.ERROR,
                f"{told}: how sure that is cannot be told of this metric at these figures",
                rows=found.rows,
            )
        perfect = found.candidate == 0 and (found.champion > 0 or self.margin >= 0)
        figures = self._figures(found)
        return self.says(Outcome.PASS if perfect else Outcome.FAIL, f"{told}, {self._allowance()}", **figures)

    def _with_bound(self, found: Comparison, log_ratio: float, se: float) -> Verdict:
        bound = Bound(
            log_ratio,
            se,
            better=self.better,
            margin=self.margin,
            confidence=self.confidence,
            spread=found.spread,
        )
        change, worst = self._change(expm1(log_ratio)), self._change(bound.at_worst)
        sure = f"at worst {worst} with {percent(self.confidence)} confidence{self._beside(found)}"
        told = f"{self._pair(found)} ({change}; {sure}, {self._allowance()}), {_rests_on(found, self._other)}"
        figures = self._figures(found) | {"interval": _between(found.champion, bound)}
        if bound.passes:
            return self.says(Outcome.PASS, told, **figures)
        if bound.fails:
            return self.says(Outcome.FAIL, told, **figures)
        needed = bound.rows_to_settle(found.rows)
        advice = (
            f"about {needed:,} would do if it stays so" if needed else "and too close for any number of rows"
        )
        return self.says(Outcome.INCONCLUSIVE, f"{told}: too few to tell, {advice}", **figures)

    def _figures(self, found: Comparison) -> dict[str, Any]:
        """Value, bound, margin and rows: the champion's value moved by the margin, to the worse side."""
        sign = 1 if self.better is Better.SMALLER else -1
        bound = found.champion * (1 + sign * self.margin)
        return {"value": found.candidate, "bound": bound, "margin": self.margin, "rows": found.rows}

    def _pair(self, found: Comparison) -> str:
        candidate, champion = numbers(found.candidate, found.champion)
        return f"{self.metric} was {candidate} against the {self._other}'s {champion}"

    def _beside(self, found: Comparison) -> str:
        """What the bootstrap says of the same bound; it decides nothing."""
        if found.resampled is None or self.confidence != BOOTSTRAP_CONFIDENCE:
            return ""
        end = found.resampled.high if self.better is Better.SMALLER else found.resampled.low
        return f" ({self._change(expm1(end))} by bootstrap)"

    def _change(self, change: float) -> str:
        """A change of the metric in words: 12.5% better."""
        if change == 0:
            return "the same"
        smaller_better = self.better is Better.SMALLER
        return f"{percent(change)} {'better' if (change < 0) == smaller_better else 'worse'}"

    def _allowance(self) -> str:
        if self.margin == 0:
            return "no worse allowed"
        wanted = "worse allowed" if self.margin > 0 else "better demanded"
        return f"{percent(self.margin)} {wanted}"


def _between(rival: float, bound: Bound) -> tuple[float, float]:
    """Where the metric may lie beside the other's value: the worse end within the verdict's bound passes."""
    low, high = (rival * (1 + expm1(end)) for end in bound.interval)
    return low, high


def _rests_on(found: Comparison, other: str) -> str:
    """Rows, days, and of labels the rows that the two do not agree on."""
    days = "" if found.days is None else f" of {found.days:,} day{'' if found.days == 1 else 's'}"
    told = f"{on_rows(found.rows)}{days}"
    if found.discordant is None:
        return told
    alone, against, p = found.discordant.candidate, found.discordant.champion, found.discordant.p
    return f"{told}, {alone:,} right by it alone and {against:,} by the {other} (McNemar's p {p:.2g})"
