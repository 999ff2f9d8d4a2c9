"""`{monotonic: {column: distance_km, direction: increasing, at_least: 95%}}`: a longer trip costs no less."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.monotony import Monotony, MonotonyNeed
from policies.evidence.need import Need
from policies.figures import on_rows, percent
from policies.gates.gate import Gate, seek
from policies.gates.metric import HOLDOUT
from policies.quantities import Share, Text
from policies.section import Section
from policies.strictness import LARGER, Stricter
from policies.verdicts import Outcome, Verdict


class Way(Section):
    """Which column, and which way predictions go with it."""

    stricter: ClassVar[Mapping[str, Stricter]] = {"at_least": LARGER}

    column: Text = Field(description="A numeric column that the model takes; its values are moved upwards.")
    direction: Literal["increasing", "decreasing"] = Field(
        description="Which way a prediction may go when the column grows; it may stay, too."
    )
    at_least: Share = Field(description="Share of rows that must keep to it at every step, such as 95%.")


class Monotonic(Gate):
    """Predictions follow one column in one direction."""

    marks: ClassVar[tuple[str, ...]] = ("monotonic",)
    example: ClassVar[str] = "{monotonic: {column: distance_km, direction: increasing, at_least: 95%}}"

    monotonic: Way = Field(description="Which column, which way, and for how many of the rows.")
    dataset: Text = Field(HOLDOUT, description="Name of the data set whose rows are moved.")

    @property
    def subject(self) -> str:
        """The direction and the column."""
        where = "" if self.dataset == HOLDOUT else f" on {self.dataset}"
        return f"{self.monotonic.direction} with {self.monotonic.column}{where}"

    def needs(self) -> tuple[Need, ...]:
        """The predictions with the column moved; either direction can be told from them."""
        return (MonotonyNeed(dataset=self.dataset, column=self.monotonic.column),)

    def judge(self, evidence: Evidence) -> Verdict:
        """Enough rows keep to the direction, and not because the column does nothing."""
        found = seek(evidence, self.needs()[0], Monotony)
        if isinstance(found, Gap):
            return self.without(found)
        column, least = self.monotonic.column, self.monotonic.at_least
        kept = found.never_fell if self.monotonic.direction == "increasing" else found.never_rose
        if found.rows < 1 or not (0 <= kept <= found.rows and 0 <= found.moved <= found.rows):
            return self.says(Outcome.ERROR, f"the rows with {column} moved upwards cannot be counted")
        if found.moved == 0:
            told = f"no prediction moved with {column}, {on_rows(found.rows)}: the model makes nothing of it"
            return self.says(Outcome.ERROR, told, rows=found.rows)
        wrong = "fell" if self.monotonic.direction == "increasing" else "rose"
        share = kept / found.rows
        told = f"with {column} moved upwards {found.rows - kept:,} predictions {wrong}: {percent(share)} kept"
        return self.says(
            Outcome.PASS if share >= least else Outcome.FAIL,
            f"{told} to it, at least {percent(least)} demanded, {on_rows(found.rows)}",
            value=share,
            bound=least,
            rows=found.rows,
        )
