"""`{error_tail: 2.5}`: RMSE is at most so many times MAE, so that few large errors do not dominate."""

from typing import Annotated, ClassVar

from pydantic import Field

from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.measurement import Measurement, MetricNeed
from policies.evidence.need import Need
from policies.gates.gate import Gate, seek
from policies.quantities import Number, Text
from policies.verdicts import Outcome, Verdict


class ErrorTail(Gate):
    """RMSE is at most so many times MAE: 1.25 for normal errors, more where a few are large."""

    marks: ClassVar[tuple[str, ...]] = ("error_tail",)
    example: ClassVar[str] = "{error_tail: 2.5}"

    error_tail: Annotated[Number, Field(ge=1)] = Field(description="The largest RMSE / MAE that passes.")
    dataset: Text = Field("holdout", description="Name of the data set to measure on.")

    @property
    def subject(self) -> str:
        """What it is called without a name of its own."""
        return "error tail"

    def needs(self) -> tuple[Need, ...]:
        """Both metrics, on the same rows."""
        return tuple(MetricNeed(metric=metric, dataset=self.dataset) for metric in ("rmse", "mae"))

    def judge(self, evidence: Evidence) -> Verdict:
        """Fails above the ratio; where there is none, nothing can be told."""
        rmse, mae = (seek(evidence, need, Measurement) for need in self.needs())
        if isinstance(rmse, Gap):
            return self.without(rmse)
        if isinstance(mae, Gap):
            return self.without(mae)
        if not mae.value > 0:
            return self.says(Outcome.ERROR, f"the MAE was {mae.value}, so there is no ratio", rows=mae.rows)
        ratio = rmse.value / mae.value
        return self.says(
            Outcome.PASS if ratio <= self.error_tail else Outcome.FAIL,
            f"RMSE was {ratio:.2f} times MAE, at most {self.error_tail:.2f} allowed, on {mae.rows:,} rows",
            value=ratio,
            bound=self.error_tail,
            rows=mae.rows,
        )
