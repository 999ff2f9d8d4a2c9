"""Student's t distribution in closed form, for any degrees of freedom: Wallace's approximation of 1959.

At 95 % it is within 2 % of the exact quantile from 2 degrees on, and not narrower; with more degrees nearer.
SciPy has the exact one, and takes longer to import than this package may.
"""

import math
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from statistics import NormalDist


@cache
def _normal() -> "NormalDist":
    """Imported when a bound is asked for: a tool that asks for none starts without it."""
    from statistics import NormalDist

    return NormalDist()


def quantile(confidence: float, dof: float) -> float:
    """What t stays below with this confidence, of 0.5 or more."""
    if math.isinf(dof):
        return _normal().inv_cdf(confidence)
    z = _normal().inv_cdf(confidence) * _stretch(dof)
    squared = z * z / dof
    return math.sqrt(dof * math.expm1(squared)) if squared < 700 else math.inf  # noqa: PLR2004 exp overflows


def above(t: float, dof: float) -> float:
    """The probability that t is larger than this."""
    if math.isinf(t) or math.isinf(dof):
        return _normal().cdf(-t)
    return _normal().cdf(-math.copysign(math.sqrt(dof * math.log1p(t * t / dof)), t) / _stretch(dof))


def _stretch(dof: float) -> float:
    return (8 * dof + 3) / (8 * dof + 1)
