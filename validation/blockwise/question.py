"""A question that is answered block by block: in one tally of all rows, or, knowing that, in a second one."""

from abc import ABC, abstractmethod

from policies.evidence.kinds import Finding
from policies.evidence.need import DataNeed
from validation.blockwise.block import Block
from validation.blockwise.tally import Parts


class Question(ABC):
    """One need of a data set. It carries values only, and can be sent to wherever the blocks lie."""

    need: DataNeed
    asks_again: bool = False
    """Whether there is a second tally."""

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the data set that it looks at."""
        return frozenset()

    @abstractmethod
    def first(self, block: Block) -> Parts:
        """The tally of a block."""

    def second(self, block: Block, first: Parts) -> Parts:  # noqa: ARG002 most need none
        """A further one, once the first of all rows is known."""
        return {}

    @abstractmethod
    def finding(self, first: Parts, second: Parts) -> Finding:
        """What both come to. Raises Unmeasured or MetricUndefined."""
