"""The metrics that gates may name, and which way each is better. Measuring them is `validation`'s."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from policies.problems import suggest
from policies.section import refuse


class Better(StrEnum):
    """Which way a metric improves."""

    SMALLER = "smaller"
    LARGER = "larger"


METRICS = {
    **dict.fromkeys(("rmse", "mae", "mse", "mape", "max_error"), Better.SMALLER),
    **dict.fromkeys(("r2", "accuracy", "balanced_accuracy"), Better.LARGER),
    **dict.fromkeys(("precision", "recall", "f1", "macro_f1", "auc"), Better.LARGER),
    **dict.fromkeys(("log_loss", "brier"), Better.SMALLER),
}


def _known(given: Any) -> Any:
    if isinstance(given, str) and given not in METRICS:
        raise refuse(f"no metric '{given}'", suggest(given, METRICS))
    return given


MetricName = Annotated[str, BeforeValidator(_known), Field(json_schema_extra={"enum": [*METRICS]})]
