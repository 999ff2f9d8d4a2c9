"""The small bar of a gate: where the value may lie, and where the bound stands. Pure."""

import math
from dataclasses import dataclass

from policies.verdicts import Verdict

_EDGE = 6.0
"""Percent left free on either side: an interval without an end reaches to the very edge."""


@dataclass(frozen=True)
class Bar:
    """Places from 0 (left) to 100; the interval may run out of the picture."""

    low: float
    high: float
    value: float
    bound: float


def bar_of(verdict: Verdict) -> Bar | None:
    """None where a gate told no interval, or figures that cannot be drawn."""
    if verdict.interval is None or verdict.value is None or verdict.bound is None:
        return None
    inner = [verdict.value, verdict.bound]
    if not all(map(math.isfinite, inner)) or any(map(math.isnan, verdict.interval)):
        return None
    known = [*inner, *(end for end in verdict.interval if math.isfinite(end))]
    least, most = min(known), max(known)
    if not (0 < most - least < math.inf):
        return None

    def place(figure: float) -> float:
        if math.isinf(figure):
            return 0.0 if figure < 0 else 100.0
        return round(_EDGE + (100 - 2 * _EDGE) * (figure - least) / (most - least), 2)

    low, high = sorted(verdict.interval)
    return Bar(place(low), place(high), place(verdict.value), place(verdict.bound))
