"""Slices as lines of a table and branches of a plot: each figure with where it may lie. Pure.

The intervals are of 95 % on each side, whatever a gate asks for: they show, and decide nothing.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from policies.evidence.comparison import Comparison
from policies.evidence.evidence import Evidence
from policies.evidence.slices import (
    MeasuredPart,
    SliceComparison,
    SliceComparisonNeed,
    SliceMeasurement,
    SliceNeed,
)
from policies.metrics import METRICS, Better
from policies.noninferiority import Bound, expm1
from policies.students import quantile
from validation.reports.sketch import Sketch

CONFIDENCE = 0.95
Ends = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One slice; figures that there are none of are None."""

    name: str
    rows: int
    value: float | None = None
    ends: Ends | None = None
    champion: float | None = None
    change: float | None = None
    """As a fraction of the champion's figure."""
    change_ends: Ends | None = None
    wrong: str = ""


@dataclass(frozen=True)
class Sliced:
    """One metric on one data set, slice by slice."""

    metric: str
    dataset: str
    lines: tuple[Line, ...]

    @property
    def better(self) -> Better:
        """Which way the metric improves."""
        return METRICS.get(self.metric, Better.SMALLER)


def sliced(evidence: Evidence, sketch: Sketch) -> list[Sliced]:
    """Every metric that was measured, or compared, by slice."""
    found: dict[tuple[str, str], dict[str, Line]] = {}
    for need in sketch.needs.values():
        if isinstance(need, (SliceNeed, SliceComparisonNeed)):
            lines = found.setdefault((need.metric, need.dataset), {})
            for line in _lines(evidence.findings.get(need.key), METRICS.get(need.metric, Better.SMALLER)):
                lines[line.name] = _joined(lines.get(line.name), line)
    return [Sliced(*of, tuple(lines.values())) for of, lines in found.items() if lines]


def _lines(finding: object, better: Better) -> Iterator[Line]:
    if isinstance(finding, SliceMeasurement):
        for part in finding.parts:
            yield Line(part.name, part.rows, part.value, _about(part), wrong=part.wrong)
    elif isinstance(finding, SliceComparison):
        for both in finding.parts:
            line = Line(both.name, both.rows, wrong=both.wrong)
            yield _compared(line, both.compared, better) if both.compared else line


def _about(part: MeasuredPart) -> Ends | None:
    if part.value is None or part.se is None:
        return None
    reach = quantile(CONFIDENCE, math.inf) * part.se
    return part.value * math.exp(-reach), part.value * (1 + expm1(reach))


def _compared(line: Line, found: Comparison, better: Better) -> Line:
    both = Line(line.name, line.rows, found.candidate, champion=found.champion)
    if found.log_ratio is None:
        return both
    change = expm1(found.log_ratio)
    ends = None
    if found.se is not None:
        bound = Bound(found.log_ratio, found.se, better, 0.0, CONFIDENCE, found.spread)
        ends = (expm1(bound.interval[0]), expm1(bound.interval[1]))
    return Line(line.name, line.rows, found.candidate, None, found.champion, change, ends)


def _joined(one: Line | None, other: Line) -> Line:
    """What two findings tell of one slice."""
    if one is None:
        return other
    told = {key: value for key, value in vars(other).items() if value not in {None, ""}}
    return Line(**{**vars(one), **told})
