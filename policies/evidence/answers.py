"""The candidate's predictions on one data set as they came: what is missing or infinite, and their range."""

from typing import Literal

from policies.evidence.need import DataNeed
from policies.evidence.told import Told
from registry.words import Value


class Answers(Value):
    """Counts over `rows` predictions: `missing` are NaN, `infinite` either infinity; the range is of others.

    `lowest` and `highest` are None where no prediction is a finite number.
    """

    kind: Literal["answers"] = "answers"
    rows: int
    missing: int
    infinite: int
    lowest: float | None
    highest: float | None


class AnswersNeed(DataNeed):
    """Look at the candidate's predictions on one data set, finite or not."""

    kind: Literal["answers"] = "answers"

    @property
    def key(self) -> str:
        """Where."""
        return f"predictions on {self.dataset}"

    @property
    def names(self) -> tuple[str, ...]:
        """The word alone will do where it is asked for on one data set."""
        return (self.key, "predictions")

    def told(self, told: Told) -> Answers | None:
        """Lowest and highest as they are, missing and infinite as counts."""
        found = told.several(self.names, ("lowest", "highest", "missing", "infinite"))
        if found is None:
            return None
        return Answers(
            rows=told.rows,
            missing=int(found["missing"]),
            infinite=int(found["infinite"]),
            lowest=found["lowest"],
            highest=found["highest"],
        )
