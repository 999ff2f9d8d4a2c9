"""Does the candidate pass its team's own pytest file?"""

import hashlib
from typing import Literal

from policies.evidence.need import DataNeed
from policies.evidence.told import CaseUnfit, Told
from registry.words import Value


class FailedTest(Value):
    """One test that did not pass, and the end of what it said."""

    test: str
    message: str


class TeamTests(Value):
    """One run of a file of tests; `text` and its SHA-256 `digest` are exactly what was run."""

    kind: Literal["team tests"] = "team tests"
    text: str
    digest: str
    collected: int
    passed: int
    skipped: int = 0
    failures: tuple[FailedTest, ...] = ()
    """The first of them; how many there are, the counts say."""


class TeamTestsNeed(DataNeed):
    """Run a file of tests on the candidate, with a data set and the champion at hand.

    `text` is what the file says; None until it has been read, or where it cannot be.
    """

    kind: Literal["team tests"] = "team tests"
    path: str
    text: str | None = None

    @property
    def key(self) -> str:
        """The file, and the data set."""
        return f"{self.path} on {self.dataset}"

    @property
    def names(self) -> tuple[str, ...]:
        """The file's name will do."""
        return (self.key, self.path)

    def told(self, told: Told) -> TeamTests | None:
        """`passed`, or what a test that failed said."""
        found = next((told.candidate[name] for name in self.names if name in told.candidate), None)
        if found is None:
            return None
        if not isinstance(found, str):
            raise CaseUnfit(f"'{self.path}' is told as {found!r}; write passed, or what a failed test says")
        fine = found == "passed"
        failures = () if fine else (FailedTest(test="a test", message=found),)
        return TeamTests(text="", digest=digest_of_text(""), collected=1, passed=int(fine), failures=failures)


def digest_of_text(text: str) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
