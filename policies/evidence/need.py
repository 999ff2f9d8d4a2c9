"""Need: what a gate asks to be measured. Each kind stands in a file of its own, with its finding.

Whoever measures answers each need with a finding under its key: the thing itself, or a `Gap` that says why it
could not be had. What is neither there nor a gap was never asked for.
"""

from abc import abstractmethod
from typing import ClassVar, Self

from policies.evidence.told import Told
from registry.words import Value


class Need(Value):
    """Something to be measured of the candidate."""

    against_champion: ClassVar[bool] = False
    """Whether the champion is measured, too."""
    against_training: ClassVar[bool] = False
    """Whether the profile of the training data is read, too."""

    @property
    @abstractmethod
    def key(self) -> str:
        """Where the finding stands, and how it is called in sentences."""

    @property
    def names(self) -> tuple[str, ...]:
        """What a case may call the figure; the most exact name first."""
        return (self.key,)

    @abstractmethod
    def told(self, told: Told) -> Value | None:
        """The finding, as a case tells of it; None where it tells nothing. Raises CaseUnfit."""

    def wider(self, other: Self) -> Self:  # noqa: ARG002 most needs of one key are the same
        """The one of two needs with one key that answers both."""
        return self


class DataNeed(Need):
    """Something to be measured on the rows of one data set."""

    dataset: str
