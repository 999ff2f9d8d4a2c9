"""Slices, candidate against champion: from the evidence, and the sketch that says what findings answer."""

import math

from policies.evidence.evidence import Evidence
from policies.metrics import Better
from registry.words import Value
from validation.reports.sketch import Sketch
from validation.reports.sliced import Line, sliced


class Span(Value):
    """Where a change and its interval lie in a picture from 0 to 100, no change being 50."""

    low: float
    value: float
    high: float
    tone: str
    """good or bad where the whole interval is on one side, else plain."""


class BySlice(Value):
    """One metric on one data set, slice by slice."""

    metric: str
    dataset: str
    smaller_is_better: bool
    lines: tuple[Line, ...]

    def span(self, line: Line) -> Span | None:
        """All slices of a table are drawn to one scale; None where a change is not known."""
        if line.change is None or line.change_ends is None or not math.isfinite(line.change):
            return None
        ends = [end for each in self.lines for end in (each.change_ends or ()) if math.isfinite(end)]
        reach = max([*map(abs, ends), abs(line.change)], default=0.0) or 1.0
        low, high = line.change_ends
        worse = low > 0 if self.smaller_is_better else high < 0
        better = high < 0 if self.smaller_is_better else low > 0
        tone = "bad" if worse else "good" if better else "plain"
        places = [round(50 + 48 * max(-1.05, min(1.05, end / reach)), 2) for end in (low, line.change, high)]
        return Span(low=places[0], value=places[1], high=places[2], tone=tone)


def by_slice(evidence: Evidence, sketch: str | None) -> tuple[BySlice, ...]:
    """Every metric that was measured or compared by slice; none for evidence without a sketch."""
    if sketch is None:
        return ()
    return tuple(
        BySlice(
            metric=one.metric,
            dataset=one.dataset,
            smaller_is_better=one.better is Better.SMALLER,
            lines=one.lines,
        )
        for one in sliced(evidence, Sketch.model_validate_json(sketch))
    )
