"""How much memory does the candidate need, loaded and asked?"""

from typing import Literal

from policies.evidence.need import Need
from policies.evidence.told import CaseUnfit, Told
from policies.sizes import parse_size
from registry.words import Value


class Memory(Value):
    """The most that was resident above what the process held before any model, in bytes."""

    kind: Literal["memory"] = "memory"
    bytes: int


class MemoryNeed(Need):
    """Watch the candidate's process."""

    kind: Literal["memory"] = "memory"

    @property
    def key(self) -> str:
        """There is one candidate."""
        return "memory"

    def told(self, told: Told) -> Memory | None:
        """A size in words, such as 300MB."""
        found = told.candidate.get(self.key)
        if found is None:
            return None
        size = parse_size(found) if isinstance(found, str) else None
        if size is None:
            raise CaseUnfit(f"'memory' is told as {found!r}; write a size such as 300MB")
        return Memory(bytes=size)
