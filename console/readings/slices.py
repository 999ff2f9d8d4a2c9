"""Slices, candidate against champion: from the evidence, and the sketch that says what findings answer."""

from policies.evidence.evidence import Evidence
from policies.metrics import Better
from registry.words import Value
from validation.reports.sketch import Sketch
from validation.reports.sliced import Line, sliced


class BySlice(Value):
    """One metric on one data set, slice by slice."""

    metric: str
    dataset: str
    smaller_is_better: bool
    lines: tuple[Line, ...]


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
