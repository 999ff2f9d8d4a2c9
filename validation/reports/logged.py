"""The numbers of a judgement as metrics of the candidate's run: finite, by names that MLflow takes. Pure.

`gatehouse.` comes before each: `rmse`, `champion.rmse`, `rmse.slice.jfk`, `psi.distance_km`,
`latency.p95_ms.1 rows`. Of another data set than `holdout` its name comes first: `fresh.rmse`.
"""

import math
from collections.abc import Iterator

from policies.evidence.baseline import BaselineNeed
from policies.evidence.comparison import Comparison, ComparisonNeed
from policies.evidence.disturbance import Disturbance, DisturbanceNeed
from policies.evidence.drift import Drift
from policies.evidence.kinds import Finding
from policies.evidence.latency import PERCENTILES, Latency, LatencyNeed
from policies.evidence.loading import Loading
from policies.evidence.measurement import Measurement, MetricNeed
from policies.evidence.monotony import Monotony, MonotonyNeed
from policies.evidence.need import Need
from policies.evidence.size import Size
from policies.verdicts import Outcome
from registry.logged import name_of
from validation.reports.report import Report
from validation.reports.sliced import sliced

USUAL = "holdout"


def figures(report: Report) -> dict[str, float]:
    """By name; what is no finite number is left out: a run's plots cannot show it."""
    told = dict(_all(report))
    return {key: value for key, value in told.items() if math.isfinite(value)}


def _all(report: Report) -> Iterator[tuple[str, float]]:
    for outcome in (Outcome.PASS, Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE):
        yield f"gates.{outcome}", float(sum(v.outcome is outcome for v in report.evaluation.verdicts))
    for need in report.sketch.needs.values():
        finding = report.evidence.findings.get(need.key)
        if finding is not None:
            for key, value in _of(need, finding):
                yield f"{_where(need)}{key}", value
    for each in sliced(report.evidence, report.sketch):
        for line in each.lines:
            key = f"{_of_set(each.dataset)}{each.metric}.slice.{name_of(line.name)}"
            if line.value is not None:
                yield key, line.value
            if line.champion is not None:
                yield f"champion.{key}", line.champion


def _of(need: Need, finding: Finding) -> Iterator[tuple[str, float]]:
    match need, finding:
        case MetricNeed(), Measurement():
            yield need.metric, finding.value
        case ComparisonNeed(), Comparison():
            yield need.metric, finding.candidate
            yield f"champion.{need.metric}", finding.champion
        case BaselineNeed(), Comparison():
            yield f"{name_of(need.baseline.replace(':', '.'))}.{need.metric}", finding.champion
        case DisturbanceNeed(), Disturbance():
            yield f"disturbed.{name_of(need.key)}", finding.after
        case MonotonyNeed(), Monotony() if finding.rows:
            yield f"never_fell.{name_of(need.column)}", finding.never_fell / finding.rows
            yield f"never_rose.{name_of(need.column)}", finding.never_rose / finding.rows
        case LatencyNeed(), Latency():
            for share in PERCENTILES:
                yield f"latency.{share}_ms.{need.rows_a_call} rows", 1000 * getattr(finding, share)
        case _:
            yield from _of_any(finding)


def _of_any(finding: Finding) -> Iterator[tuple[str, float]]:
    """Findings that say themselves what they are of."""
    match finding:
        case Drift():
            for column, psi in finding.psi.items():
                yield f"psi.{name_of(column)}", psi
        case Loading():
            yield "loads_s", finding.seconds
        case Size():
            yield "size_bytes", float(finding.bytes)


def _where(need: Need) -> str:
    return _of_set(getattr(need, "dataset", USUAL))


def _of_set(dataset: str) -> str:
    return "" if dataset == USUAL else f"{name_of(dataset)}."
