"""`{pytest: tests/test_taxi_model.py}`: the candidate passes the team's own tests."""

from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.evidence.team_tests import TeamTests, TeamTestsNeed
from policies.gates.gate import Gate, seek
from policies.gates.metric import HOLDOUT
from policies.quantities import Text
from policies.section import refuse
from policies.verdicts import Outcome, Verdict
from policies.wording import shown

_TOLD = 3
"""Of many failures a reviewer reads the first few."""


def _beside(given: Any) -> Any:
    path = PurePosixPath(given)
    if path.is_absolute() or ".." in path.parts or path.suffix != ".py":
        instead = "write the path of a .py file from the policy's folder: tests/test_model.py"
        raise refuse(f"{shown(given)} is no test file beside the policy", instead)
    return given


class TeamTestsGate(Gate):
    """A pytest file with the fixtures `model`, `champion` (None if there is none) and `holdout`."""

    marks: ClassVar[tuple[str, ...]] = ("pytest",)
    example: ClassVar[str] = "{pytest: tests/test_taxi_model.py}"

    pytest: Annotated[Text, AfterValidator(_beside)] = Field(
        description="The test file's path from the policy's folder: tests/test_taxi_model.py."
    )
    dataset: Text = Field(HOLDOUT, description="Name of the data set that is the fixture holdout.")

    @property
    def subject(self) -> str:
        """The file."""
        return self.pytest if self.dataset == HOLDOUT else f"{self.pytest} on {self.dataset}"

    @property
    def files(self) -> dict[str, str]:
        """The tests."""
        return {"pytest": self.pytest}

    def needs(self) -> tuple[Need, ...]:
        """A run of the tests."""
        return (TeamTestsNeed(path=self.pytest, dataset=self.dataset),)

    def judge(self, evidence: Evidence) -> Verdict:
        """Passes if at least one test ran, and all that ran passed; fails by name and message."""
        found = seek(evidence, self.needs()[0], TeamTests)
        if isinstance(found, Gap):
            return self.without(found)
        failed = found.collected - found.passed - found.skipped
        counts = {"value": float(found.passed), "bound": float(found.collected - found.skipped)}
        if failed < 0 or min(found.collected, found.passed, found.skipped) < 0:
            return self.says(Outcome.ERROR, f"{self.subject}: the counts of its tests contradict each other")
        if failed or found.failures:
            told = "; ".join(f"{each.test}: {each.message}" for each in found.failures[:_TOLD])
            rest = f"; and {failed - _TOLD} more" if failed > _TOLD else ""
            sentence = f"{self.subject}: {failed} of {found.collected} tests failed: {told}{rest}"
            return self.says(Outcome.FAIL, sentence, **counts)
        if not found.passed:
            why = "all its tests were skipped" if found.skipped else "there is no test in it"
            return self.says(Outcome.ERROR, f"{self.subject}: {why}")
        skipped = f", {found.skipped} skipped" if found.skipped else ""
        plural = "" if found.passed == 1 else "s"
        sentence = f"{self.subject}: {found.passed} test{plural} passed{skipped}"
        return self.says(Outcome.PASS, sentence, **counts)
