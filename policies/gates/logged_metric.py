"""`{logged_metric: val_rmse, max: 12}`: what the training run itself logged, within limits."""

from typing import ClassVar

from pydantic import Field

from policies.evidence.evidence import Evidence
from policies.gates.limits import Limits
from policies.problems import suggest
from policies.quantities import Text
from policies.verdicts import Outcome, Verdict


class LoggedMetric(Limits):
    """A metric of the candidate's run: its author's word, cheap to ask for, not measured by us."""

    marks: ClassVar[tuple[str, ...]] = ("logged_metric",)
    example: ClassVar[str] = "{logged_metric: val_rmse, max: 8.0}"

    logged_metric: Text = Field(description="Name of a metric that the training run logged.")

    @property
    def subject(self) -> str:
        """Told apart from the measured metric of the same name."""
        return f"logged {self.logged_metric}"

    def judge(self, evidence: Evidence) -> Verdict:
        """Within limits or not; an error if the run logged no such metric."""
        logged = evidence.candidate.logged
        if self.logged_metric not in logged:
            hint = suggest(self.logged_metric, sorted(logged)) if logged else "it logged no metric at all"
            return self.says(Outcome.ERROR, f"the run logged no metric '{self.logged_metric}': {hint}")
        return self.limit(f"the logged {self.logged_metric}", logged[self.logged_metric])
