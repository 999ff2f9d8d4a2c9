"""McNemar's test on the rows that only one of two models got right. Pure."""

import math


def mid_p(one: int, other: int) -> float:
    """The two-sided mid-p value that both are as likely to be the one (Fagerland 2013); 1 without such rows.

    Exact: a binomial tail, with half the weight of what was seen.
    """
    rows, least = one + other, min(one, other)
    logs = (_log_chance(rows, seen) for seen in range(least + 1))
    chances = [math.exp(log) for log in logs]
    return min(1.0, 2 * (math.fsum(chances) - chances[-1] / 2)) if rows else 1.0


def _log_chance(rows: int, seen: int) -> float:
    ways = math.lgamma(rows + 1) - math.lgamma(seen + 1) - math.lgamma(rows - seen + 1)
    return ways - rows * math.log(2)
