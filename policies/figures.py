"""Figures as a reviewer reads them: never rounded until two different ones look alike."""

import math
from datetime import timedelta


def numbers(*values: float) -> tuple[str, ...]:
    """Each value with the same decimals: two at least, more where small or close ones ask for it."""
    forms = [f",.{decimals}f" for decimals in range(2, 9)] if _everyday(values) else []
    for form in [*forms, *(f".{digits}g" for digits in range(3, 17))]:
        texts = tuple(format(value + 0.0, form) for value in values)
        if len(set(texts)) == len(set(values)) and not _vanishes(values, texts):
            return texts
    return tuple(f"{value:.17g}" for value in values)


def percent(fraction: float) -> str:
    """A fraction as a percent of about three figures: 0.125 is 12.5%."""
    if not math.isfinite(fraction):
        return "endlessly"
    share = abs(fraction) * 100
    return f"{share:,.0f}%" if 100 <= share < 1e6 else f"{share:.3g}%"  # noqa: PLR2004 decimals say nothing there


def on_rows(rows: int) -> str:
    """How many rows a figure rests on."""
    return f"on {rows:,} row{'' if rows == 1 else 's'}"


def _everyday(values: tuple[float, ...]) -> bool:
    """Whether decimals read better than powers of ten."""
    return all(value == 0 or 1e-5 < abs(value) < 1e12 for value in values)  # noqa: PLR2004 a matter of taste


def _vanishes(values: tuple[float, ...], texts: tuple[str, ...]) -> bool:
    """Whether rounding moves a value by more than a twentieth, as 0.004 to 0.00."""
    pairs = zip(values, (float(text.replace(",", "")) for text in texts), strict=True)
    return any(abs(told - value) > abs(value) / 20 for value, told in pairs)


def span(length: timedelta) -> str:
    """A length of time as policies write it, in the largest unit that it is a whole number of: 24h, 90m."""
    seconds = length.total_seconds()
    for unit, size, least in (("d", 86400, 172800), ("h", 3600, 3600), ("m", 60, 60)):
        if seconds % size == 0 and seconds >= least:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:g}s"
