"""How large are the model's files?"""

from typing import Literal

from policies.evidence.need import Need
from policies.evidence.told import CaseUnfit, Told
from policies.sizes import parse_size
from registry.words import Value


class Size(Value):
    """All files of the model together."""

    kind: Literal["size"] = "size"
    bytes: int
    files: int


class SizeNeed(Need):
    """Add up the candidate's files."""

    kind: Literal["size"] = "size"

    @property
    def key(self) -> str:
        """There is one candidate."""
        return "size"

    def told(self, told: Told) -> Size | None:
        """A size in words, such as 40MB."""
        found = told.candidate.get(self.key)
        if found is None:
            return None
        size = parse_size(found) if isinstance(found, str) else None
        if size is None:
            raise CaseUnfit(f"'size' is told as {found!r}; write a size such as 40MB")
        return Size(bytes=size, files=1)
