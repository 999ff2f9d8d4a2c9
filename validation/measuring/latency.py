"""Times of single calls, whose answers must be those that the model gives when it is scored.

A model that answers anything at once while it is timed is found out by that; it sees the rows of a call no
sooner than the clock runs.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from policies.evidence.latency import PERCENTILES, Latency, LatencyNeed
from validation.dialogue import WARM_UP
from validation.holdout import Holdout
from validation.measuring.scores import Scores, Unmeasured
from validation.steadiness import other, spread_of, told

CALLS = 200


def calls(need: LatencyNeed, holdout: Holdout) -> Sequence[NDArray[np.int64]]:
    """The rows of each call by place, drawn alike every time."""
    draw = np.random.default_rng(0)
    return [draw.integers(0, holdout.rows, need.rows_a_call) for _ in range(WARM_UP + CALLS)]


def latency(need: LatencyNeed, scores: Scores) -> Latency:
    """Percentiles of the timed calls; of two neighbouring times the longer one."""
    holdout = scores.holdout(need.dataset)
    timed = scores.timed(need.key)
    if len(timed.seconds) == 0:
        raise Unmeasured("the candidate answered too slowly for its calls to be timed", "candidate")
    _same_answers(calls(need, holdout), timed.answers, scores.predictions(need.dataset))
    shares = [int(name[1:]) for name in PERCENTILES]
    p50, p95, p99 = np.percentile(timed.seconds, shares, method="higher")
    return Latency(
        p50=float(p50),
        p95=float(p95),
        p99=float(p99),
        fastest=float(timed.seconds.min()),
        slowest=float(timed.seconds.max()),
        calls=len(timed.seconds),
    )


def _same_answers(
    asked: Sequence[NDArray[np.int64]], answers: Sequence[NDArray[np.float64]], scored: NDArray[np.float64]
) -> None:
    spread = spread_of(scored)
    for rows, answer in zip(asked, answers, strict=False):
        if (place := other(answer, scored[rows], spread)) is not None:
            otherwise = f"{told(answer[place])} instead of {told(scored[rows][place])}"
            raise Unmeasured(f"the candidate answered otherwise when it was timed: {otherwise}", "candidate")
