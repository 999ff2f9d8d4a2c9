"""The metrics that gates may name, and which way each is better. Measuring them is `validation`'s."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from policies import scorers
from policies.own_metrics import Offers, from_packages
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
    **dict.fromkeys(("macro_precision", "macro_recall", "average_precision"), Better.LARGER),
    **dict.fromkeys(("weighted_precision", "weighted_recall", "weighted_f1"), Better.LARGER),
}
"""Our own, by name."""
OF_A_CLASS = ("precision", "recall", "f1", "auc", "average_precision")
"""These may be asked of one class against all others: `recall of fraud`."""
POSITIVE_RATE = "positive_rate"
"""How often a class is predicted: no metric, for neither more nor less of it is better."""
_OF = " of "
_SCORERS = {
    **{f"{scorers.PREFIX}{name}": Better.LARGER for name in scorers.LARGER},
    **{f"{scorers.PREFIX}{name}": Better.SMALLER for name in scorers.SMALLER},
}


def direction(metric: str) -> Better:
    """Which way a metric improves. Raises KeyError for one that nobody offers here."""
    known = METRICS | _SCORERS
    if metric in known:
        return known[metric]
    if (parts := of_class(metric)) is not None:
        return METRICS[parts[0]]
    return Better(own().metrics[metric].better)


def of_class(metric: str) -> tuple[str, str] | None:
    """`recall of fraud` as its two parts; None for a metric of all classes."""
    name, of, label = metric.partition(_OF)
    return (name, label) if of and label and name in OF_A_CLASS else None


def own() -> Offers:
    """What installed packages offer beside ours."""
    return from_packages(frozenset(METRICS))


def known_metric(given: Any) -> Any:
    """Refuses a text that names no metric. Ours first: packages are asked for nothing that is ours."""
    if not isinstance(given, str) or given in METRICS or given in _SCORERS or of_class(given):
        return given
    if given in (offers := own()).metrics:
        return given
    if given in offers.unusable:
        raise refuse(offers.unusable[given], "mend that package")
    raise refuse(f"no metric '{given}'", _advice(given, offers))


def _advice(given: str, offers: Offers) -> str:
    name, of, _ = given.partition(_OF)
    if of:
        return f"of one class there are {', '.join(OF_A_CLASS)}: recall of fraud"
    plain = name.removeprefix(scorers.PREFIX).removeprefix("neg_")
    if (scorer := scorers.PREFIX + plain) in _SCORERS:
        return f"write {scorer}" + (", where smaller is better" if plain in scorers.SMALLER else "")
    known = _SCORERS if given.startswith(scorers.PREFIX) else [*METRICS, *offers.metrics]
    return suggest(given, known)


def _schema(schema: dict[str, Any]) -> None:
    """Names of ours, patterns for the rest; what packages offer is known where they are installed."""
    choices = [*METRICS, *own().metrics]
    patterns = (rf"^({'|'.join(OF_A_CLASS)}){_OF}.+$", rf"^{scorers.PREFIX.replace('.', '[.]')}[a-z0-9_]+$")
    one = [{"enum": choices}, *({"pattern": pattern} for pattern in patterns)]
    schema.update({"anyOf": one})


MetricName = Annotated[str, BeforeValidator(known_metric), Field(json_schema_extra=_schema)]
