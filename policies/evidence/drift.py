"""How far inputs and predictions have moved from the data that a model was trained on."""

from typing import ClassVar, Literal

from policies.evidence.need import DataNeed
from policies.evidence.told import Told
from registry.words import Value

PREDICTION = "the prediction"
"""What stands for the model's own answers among the columns."""


class Drift(Value):
    """Population stability index by column, in [0, inf): 0 where the shares of all bins are as in training.

    `by_chance` is what so few rows would show on average without any drift, in the column with most bins.
    """

    kind: Literal["drift"] = "drift"
    psi: dict[str, float]
    by_chance: float
    rows: int
    trained_on: int


class DriftNeed(DataNeed):
    """Compare a data set with the profile of the training data; empty `columns` are all the model takes."""

    against_training: ClassVar[bool] = True

    kind: Literal["drift"] = "drift"
    columns: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Where, and of which columns if not of all."""
        of = f" of {', '.join(self.columns)}" if self.columns else ""
        return f"drift{of} on {self.dataset} against training"

    @property
    def names(self) -> tuple[str, ...]:
        """The word alone will do."""
        return (self.key, "drift")

    def told(self, told: Told) -> Drift | None:
        """The largest index of all columns."""
        psi = told.number(self.names)
        if psi is None:
            return None
        return Drift(psi={PREDICTION: psi}, by_chance=0.0, rows=told.rows, trained_on=told.rows)
