"""What a data set's engine can measure: on Spark, what is answered by tallies of rows. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from policies.datasets import Dataset
from policies.evidence.answers import AnswersNeed
from policies.evidence.comparison import ComparisonNeed
from policies.evidence.measurement import MetricNeed
from policies.evidence.need import DataNeed, Need
from policies.evidence.slices import SliceComparisonNeed, SliceNeed
from policies.gates.gate import Gate
from policies.section import Complaint

METRICS_ON_SPARK: Final = ("rmse", "mse", "mae", "mape", "max_error", "log_loss", "brier")
"""Means of what each row costs, or the largest: they know of no other rows."""
_NEEDS: Final[tuple[type[Need], ...]] = (
    MetricNeed,
    ComparisonNeed,
    SliceNeed,
    SliceComparisonNeed,
    AnswersNeed,
)


def not_on_spark(gate: Gate, datasets: Mapping[str, Dataset]) -> Iterator[Complaint]:
    """What a gate asks of a data set on Spark that is not measured there."""
    for need in gate.needs():
        if isinstance(need, DataNeed) and need.dataset in datasets:
            why = _why_not(need) if datasets[need.dataset].engine == "spark" else None
            if why is not None:
                instead = f"judge it on a smaller data set, or take engine: spark out of '{need.dataset}'"
                yield Complaint((), why, instead)
                return


def _why_not(need: DataNeed) -> str | None:
    if not isinstance(need, _NEEDS):
        return f"{need.key} is not measured on Spark"
    metric: str = getattr(need, "metric", METRICS_ON_SPARK[0])
    if metric not in METRICS_ON_SPARK:
        return f"{metric} is not measured on Spark; measured there are {', '.join(METRICS_ON_SPARK)}"
    return None
