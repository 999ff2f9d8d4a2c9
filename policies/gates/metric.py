"""`{metric: rmse, max: 5.0}`: a metric that we measured on a data set, within limits."""

from typing import ClassVar

from pydantic import Field

from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.measurement import Measurement, MetricNeed
from policies.evidence.need import Need
from policies.gates.gate import seek
from policies.gates.limits import Limits
from policies.metrics import MetricName
from policies.quantities import Text
from policies.verdicts import Verdict

HOLDOUT = "holdout"
"""The data set of a gate that names none."""


class MeasuredMetric(Limits):
    """One metric of the candidate on one data set."""

    marks: ClassVar[tuple[str, ...]] = ("metric",)
    example: ClassVar[str] = "{metric: rmse, max: 5.0}"

    metric: MetricName = Field(description="Name of a metric that Gatehouse measures.")
    dataset: Text = Field(HOLDOUT, description="Name of the data set to measure on.")

    @property
    def subject(self) -> str:
        """The metric, and the data set if it is not the usual one."""
        return self.metric if self.dataset == HOLDOUT else f"{self.metric} on {self.dataset}"

    def needs(self) -> tuple[Need, ...]:
        """The metric on the data set."""
        return (MetricNeed(metric=self.metric, dataset=self.dataset),)

    def judge(self, evidence: Evidence) -> Verdict:
        """Within limits or not."""
        found = seek(evidence, self.needs()[0], Measurement)
        if isinstance(found, Gap):
            return self.without(found)
        return self.limit(self.subject, found.value, found.rows)
