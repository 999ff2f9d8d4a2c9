"""What to train and how: the words a person gives, before any model is built."""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple


class Settings(NamedTuple):
    """What suits a kind of model; `boosted` counts trees as epochs, and has no batches."""

    epochs: int
    learning_rate: float
    batch_size: int
    activation: str = "relu"


KINDS: Final = {
    "linear": Settings(epochs=25, learning_rate=0.02, batch_size=256, activation="linear"),
    "seed": Settings(epochs=20, learning_rate=1e-3, batch_size=512),
    "default": Settings(epochs=25, learning_rate=3e-3, batch_size=256),
    "boosted": Settings(epochs=100, learning_rate=0.1, batch_size=0, activation=""),
}
"""`linear`: a straight line on the distance. `seed`: the case study's network. `boosted`: trees, the bar."""
_LEAST_BATCH: Final = 32
_LEAST_STEPS: Final = 24
"""In an epoch: averaged weights need some hundreds before they forget how they began."""
ACTIVATIONS: Final = ("relu", "tanh", "sigmoid", "gelu", "swish")


@dataclass(frozen=True)
class Plan:
    """Zero or nothing stands for what suits the kind, and for all of them (`rows`)."""

    kind: str = "default"
    epochs: int = 0
    batch_size: int = 0
    learning_rate: float = 0.0
    activation: str = ""
    seed: int = 7
    rows: int = 0
    """How many of the training rows to use."""

    def settled(self, rows: int) -> "Plan":
        """Fill in what suits the kind, and the number of rows to train on, where nothing was said."""
        own = KINDS[self.kind]
        if self.kind == "default":
            own = own._replace(batch_size=min(own.batch_size, max(_LEAST_BATCH, rows // _LEAST_STEPS)))
        return replace(self, **{name: getattr(self, name) or getattr(own, name) for name in Settings._fields})
