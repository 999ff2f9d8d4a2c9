"""Compares candidate and champion on the same rows: the delta method over paired per-row influences.

Pure. The rule and its symbols stand in `policies.evidence.comparison`; whether a difference is enough is for
the gate to say.
"""

import math
from dataclasses import dataclass

import numpy as np

from policies.evidence.comparison import Comparison, Discordant, Spread
from validation.arrays import Floats, Integers, summed
from validation.labels import labelled
from validation.mcnemar import mid_p
from validation.metric import Metric, MetricUndefined
from validation.resampling import resampled_logs


def compare(
    metric: Metric, target: Floats, candidate: Floats, champion: Floats, *, days: Integers | None = None
) -> Comparison:
    """Both models' metric over the same rows, and the log of their ratio with its standard errors.

    `days` numbers each row's day from 0 on: rows of one day may err together, so whole days are compared.
    """
    ours = metric.value(target, candidate)
    try:
        theirs = metric.value(target, champion)
    except MetricUndefined as undefined:
        raise MetricUndefined(str(undefined)) from undefined  # no candidate is rejected for its champion
    found = Comparison(
        candidate=ours,
        champion=theirs,
        rows=len(target),
        days=None if days is None else len(np.unique(days)),
        discordant=_discordant(target, candidate, champion) if metric.counts else None,
    )
    if not all(math.isfinite(value) and value > 0 for value in (ours, theirs)):
        return found
    groups = np.arange(len(target)) if days is None else np.unique(days, return_inverse=True)[1]
    influences = metric.influence(target, candidate), metric.influence(target, champion)
    if influences[0] is None or influences[1] is None:
        logs = resampled_logs(metric, target, (candidate, champion), days, metric.resamples)
        if logs is None:
            return found
        return found.model_copy(update={"log_ratio": math.log(ours / theirs), "se": float(logs.std(ddof=1))})
    count = int(groups.max()) + 1
    moved = influences[0], influences[1], influences[0] - influences[1]
    totals = [summed(each, groups, count) for each in moved]
    unseen = _unseen(*moved[:2]) if metric.counts else 0.0
    return surely(found, metric.power, squares_of(*totals), unseen)


@dataclass(frozen=True)
class Squares:
    """Of the influences' sums over `groups` of rows: their squares added up, of both and of the difference.

    `dof` are the degrees of freedom that the difference is worth.
    """

    groups: int
    candidate: float
    champion: float
    difference: float
    dof: float


def squares_of(ours: Floats, theirs: Floats, apart: Floats) -> Squares:
    """Of sums of whole groups."""
    a, b, both = (float((each**2).sum()) for each in (ours, theirs, apart))
    return Squares(len(apart), a, b, both, degrees_of_freedom(apart))


def surely(found: Comparison, power: float, squares: Squares, unseen: float = 0.0) -> Comparison:
    """With the ratio's logarithm, and its errors; without these for a single group: its spread is unknown."""
    told: dict[str, float | Spread] = {"log_ratio": math.log(found.candidate / found.champion)}
    count = squares.groups
    if count >= 2:  # noqa: PLR2004 a spread needs two
        each = (squares.candidate, squares.champion, squares.difference)
        a, b, both = (total * count / (count - 1) for total in each)
        told["se"] = power * math.sqrt(both + unseen) / found.rows
        told["spread"] = Spread(
            candidate_se=math.sqrt(a + unseen / 2) / found.rows,
            champion_se=math.sqrt(b + unseen / 2) / found.rows,
            dof=squares.dof,
            power=power,
        )
    return found.model_copy(update=told)


def _unseen(ours: Floats, theirs: Floats) -> float:
    """The variance of one more row that only one model gets right (Agresti and Min 2005).

    Two models that agree on all of fifty rows may well differ on the next.
    """
    return float(max(1.0, np.abs(ours).max(), np.abs(theirs).max())) ** 2


def degrees_of_freedom(totals: Floats) -> float:
    """Half of Satterthwaite's, who takes the variance for as vague as the kurtosis says; at most groups - 1.

    Half, for rows that miss the tail show too small a kurtosis (docs/decisions/0036).
    """
    squares = totals**2
    if not squares.any():
        return float(len(totals) - 1)
    squares = squares / squares.max()  # their squares must neither overflow nor vanish
    return freedom(len(totals), float(squares.sum()), float((squares**2).sum()))


def freedom(count: int, squares: float, fourths: float) -> float:
    """The same, of so many figures' squares and fourth powers added up."""
    excess = count * fourths / squares**2 - 1 if squares else 0.0
    return min(count - 1.0, count / excess) if excess > 0 else count - 1.0


def _discordant(target: Floats, candidate: Floats, champion: Floats) -> Discordant:
    ours = labelled(target, candidate) == target
    theirs = labelled(target, champion) == target
    alone, against = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    return Discordant(candidate=alone, champion=against, p=mid_p(alone, against))
