"""Durations and percents as people write them: `60s`, `72h`, `2%`; anything else says what to write."""

import math
import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from policies.section import refuse
from policies.wording import shown

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s?(ms|s|m|h|d)")
_PERCENT = re.compile(r"([-+]?[0-9]+(?:\.[0-9]+)?)\s?%")


def parse_duration(given: Any) -> float:
    """Seconds of a duration above zero. Raises an error that names the units otherwise."""
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        raise refuse(f"{shown(given)} has no unit", f"write {given}s, or another of ms, s, m, h, d")
    found = _DURATION.fullmatch(given.strip()) if isinstance(given, str) else None
    seconds = float(found[1]) * _SECONDS[found[2]] if found else math.nan
    if not 0 < seconds < math.inf:
        raise refuse(f"{shown(given)} is not a duration", "write a number and ms, s, m, h or d, such as 60s")
    return seconds


def parse_percent(given: Any) -> float:
    """A percent as a fraction: `2%` is 0.02. A bare number is refused: 5 and 0.05 may mean the same."""
    if isinstance(given, (int, float)) and not isinstance(given, bool) and math.isfinite(given):
        meant = given * 100 if abs(given) < 1 else given
        raise refuse(f"a percent is due here, and {shown(given)} may mean two", f"write {meant:g}%")
    found = _PERCENT.fullmatch(given.strip()) if isinstance(given, str) else None
    if not found or not math.isfinite(float(found[1])):
        raise refuse(f"{shown(given)} is not a percent", "write a number and %, such as 2%")
    return float(found[1]) / 100


WrittenPercent = Annotated[str, Field(pattern=rf"^\s*{_PERCENT.pattern}\s*$")]
Percent = Annotated[float, BeforeValidator(parse_percent, json_schema_input_type=WrittenPercent)]
"""A fraction, written with a percent sign."""


def _share(fraction: float) -> float:
    if not 0 <= fraction <= 1:
        raise refuse(f"{fraction * 100:g}% is not a share", "write a percent from 0% to 100%")
    return fraction


Share = Annotated[Percent, AfterValidator(_share)]
"""A part of a whole, written with a percent sign: 0% to 100%."""
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A finite number; neither text nor true."""
Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(strict=True, ge=1)]


LONGEST = timedelta(days=366)


def _span(given: Any) -> timedelta:
    seconds = parse_duration(given)
    if seconds > LONGEST.total_seconds():
        raise refuse(f"{shown(given)} is longer than a year", f"write at most {LONGEST.days}d")
    return timedelta(seconds=seconds)


Span = Annotated[timedelta, BeforeValidator(_span, json_schema_input_type=str)]
"""A duration of at most a year."""
