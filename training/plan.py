"""What to train and how: the words a person gives, before any network is built."""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple


class Settings(NamedTuple):
    """What suits a kind of model."""

    epochs: int
    learning_rate: float


KINDS: Final = {
    "linear": Settings(epochs=25, learning_rate=0.02),
    "seed": Settings(epochs=30, learning_rate=0.002),
}
"""`linear`: a straight line on the distance. `seed`: the case study's network."""


@dataclass(frozen=True)
class Plan:
    """Zero stands for what suits the kind (`epochs`, `learning_rate`) and for all of them (`rows`)."""

    kind: str = "seed"
    epochs: int = 0
    batch_size: int = 256
    learning_rate: float = 0.0
    seed: int = 7
    rows: int = 0
    """How many of the training rows to use."""

    def settled(self) -> "Plan":
        """Fill in what suits the kind where nothing was said."""
        own = KINDS[self.kind]
        return replace(
            self, epochs=self.epochs or own.epochs, learning_rate=self.learning_rate or own.learning_rate
        )
