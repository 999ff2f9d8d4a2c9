"""Is there anything in the model's files that is dangerous to load?"""

from typing import Literal, Self

from policies.evidence.need import Need
from policies.evidence.told import CaseUnfit, Told
from registry.words import Value


class Threat(Value):
    """Something dangerous: in which file below the model's folder, and what."""

    where: str
    what: str


class Scan(Value):
    """What a scan of all files found, none of them loaded; `code` are those with their author's own code."""

    kind: Literal["scan"] = "scan"
    files: int
    threats: tuple[Threat, ...] = ()
    more: int = 0
    """Threats beyond those that are told."""
    code: tuple[str, ...] = ()


class ScanNeed(Need):
    """Scan the candidate's files before anything else is done with them.

    `blocking`: a candidate that is found unsafe, or could not be scanned, is not loaded for any other need.
    """

    kind: Literal["scan"] = "scan"
    blocking: bool = True

    @property
    def key(self) -> str:
        """There is one candidate."""
        return "scan"

    def told(self, told: Told) -> Scan | None:
        """`safe`, or what was found."""
        found = told.candidate.get(self.key)
        if found is None:
            return None
        if not isinstance(found, str):
            raise CaseUnfit(f"'scan' is told as {found!r}; write safe, or what was found")
        threats = () if found == "safe" else (Threat(where="a file", what=found),)
        return Scan(files=1, threats=threats)

    def wider(self, other: Self) -> Self:
        """The stricter of the two."""
        return max(self, other, key=lambda need: need.blocking)
