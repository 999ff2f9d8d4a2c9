"""`{predictions: {min: 2.5, finite: true}}`: every prediction is a number within bounds."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from policies.evidence.answers import Answers, AnswersNeed
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.figures import numbers, on_rows, percent
from policies.gates.gate import Gate, seek
from policies.gates.metric import HOLDOUT
from policies.quantities import Number, Share, Text
from policies.section import Section, refuse
from policies.strictness import LARGER, SMALLER, Stricter
from policies.verdicts import Outcome, Verdict


class Sound(Section):
    """What a prediction must be."""

    stricter: ClassVar[Mapping[str, Stricter]] = {"max": SMALLER, "min": LARGER, "nulls": SMALLER}

    min: Number | None = Field(None, description="The smallest prediction allowed, in the target's unit.")
    max: Number | None = Field(None, description="The largest prediction allowed, in the target's unit.")
    finite: Literal[True] = Field(
        default=True, description="No prediction is infinite; always demanded, written to be read."
    )
    nulls: Share = Field(0.0, description="The largest share of predictions that may be missing (NaN): 0%.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise refuse("min is above max: nothing can pass", "swap them, or take one out")
        return self


class Predictions(Gate):
    """The candidate's predictions on one data set, before any metric is made of them."""

    marks: ClassVar[tuple[str, ...]] = ("predictions",)
    example: ClassVar[str] = "{predictions: {min: 2.5, max: 250, finite: true, nulls: 0%}}"

    predictions: Sound = Field(description="Bounds, finiteness and the share that may be missing.")
    dataset: Text = Field(HOLDOUT, description="Name of the data set to predict.")

    @property
    def subject(self) -> str:
        """The data set is named if it is not the usual one."""
        return "predictions" if self.dataset == HOLDOUT else f"predictions on {self.dataset}"

    def needs(self) -> tuple[Need, ...]:
        """The predictions on the data set."""
        return (AnswersNeed(dataset=self.dataset),)

    def judge(self, evidence: Evidence) -> Verdict:
        """Fails with everything that is wrong at once."""
        found = seek(evidence, self.needs()[0], Answers)
        if isinstance(found, Gap):
            return self.without(found)
        if found.rows < 1:
            return self.says(Outcome.ERROR, "there were no rows to predict", rows=found.rows)
        if not _possible(found):
            return self.says(Outcome.ERROR, "the predictions were told in figures that cannot be")
        where = on_rows(found.rows)
        if wrong := list(self._wrong(found)):
            return self.says(Outcome.FAIL, f"{'; '.join(wrong)}, {where}", rows=found.rows)
        assert found.lowest is not None
        assert found.highest is not None
        low, high = numbers(found.lowest, found.highest)
        return self.says(Outcome.PASS, f"predictions lay between {low} and {high}, {where}", rows=found.rows)

    def _wrong(self, found: Answers) -> Iterator[str]:
        wanted = self.predictions
        if found.infinite:
            yield f"{found.infinite:,} predictions were infinite, none may be"
        if found.missing > wanted.nulls * found.rows:
            share = f"{percent(found.missing / found.rows)}, at most {percent(wanted.nulls)} allowed"
            yield f"{found.missing:,} predictions were missing ({share})"
        if found.lowest is None or found.highest is None:
            yield "no prediction was a finite number"
            return
        if wanted.min is not None and found.lowest < wanted.min:
            yield "the lowest prediction was {}, at least {} allowed".format(
                *numbers(found.lowest, wanted.min)
            )
        if wanted.max is not None and found.highest > wanted.max:
            yield "the highest prediction was {}, at most {} allowed".format(
                *numbers(found.highest, wanted.max)
            )


def _possible(found: Answers) -> bool:
    """Whether these can be anybody's predictions; a comparison with NaN is never true."""
    counts = min(found.missing, found.infinite) >= 0 and found.missing + found.infinite <= found.rows
    if found.lowest is None or found.highest is None:
        return counts and found.missing + found.infinite == found.rows
    return counts and -float("inf") < found.lowest <= found.highest < float("inf")
