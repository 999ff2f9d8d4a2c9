"""What a candidate's trainer logged of its training data: the trainer's word, and as it came."""

from dataclasses import dataclass

from registry.words import LoggedData


@dataclass(frozen=True)
class TrainedOn:
    """The run's inputs, its profile (`registry.profiles`) and its keys (`registry.training_keys`), if any."""

    inputs: tuple[LoggedData, ...] = ()
    profile: bytes | None = None
    keys: bytes | None = None
