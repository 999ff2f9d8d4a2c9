"""Times as a policy writes them, `Fri 15:00` of any week or `2026-12-18 15:00`, and when they are in a zone.

When clocks go back a time comes twice, when they go forward it does not come at all. A window of a freeze
then begins at the earlier and ends at the later of the moments that may be meant: in doubt it is closed.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, PlainSerializer, PlainValidator

from policies.problems import suggest
from policies.section import refuse
from policies.wording import shown

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
YEARS = range(2000, 2200)
"""Other years are slips of the pen."""
WEEK = timedelta(days=7)
_WEEKLY = re.compile(r"([A-Za-z]+) ([0-9]{1,2}:[0-9]{2})")
_DATED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}:[0-9]{2}))?")


@dataclass(frozen=True)
class Weekly:
    """A time of every week."""

    day: int
    at: time

    def __str__(self) -> str:
        return f"{DAYS[self.day]} {self.at:%H:%M}"

    def last(self, local: datetime) -> datetime:
        """The latest such time at or before a wall clock's; both naive."""
        found = datetime.combine(local.date() - timedelta(days=local.weekday() - self.day), self.at)
        return found if found <= local else found - WEEK

    def next(self, local: datetime) -> datetime:
        """The first such time after a wall clock's."""
        return self.last(local) + WEEK


@dataclass(frozen=True)
class Dated:
    """A date, with a time or as a whole day."""

    day: date
    at: time | None = None

    def __str__(self) -> str:
        return f"{self.day}" if self.at is None else f"{self.day} {self.at:%H:%M}"

    @property
    def begin(self) -> datetime:
        """Its first moment on the wall clock."""
        return datetime.combine(self.day, self.at or time())

    @property
    def end(self) -> datetime:
        """Where what lasts to here ends: a whole day is meant with all its hours."""
        return self.begin + (timedelta(days=1) if self.at is None else timedelta())


def earliest(local: datetime, zone: ZoneInfo) -> datetime:
    """The first moment, in UTC, that a wall clock's time may mean in a zone."""
    return min(_meanings(local, zone))


def latest(local: datetime, zone: ZoneInfo) -> datetime:
    """The last one."""
    return max(_meanings(local, zone))


def _meanings(local: datetime, zone: ZoneInfo) -> list[datetime]:
    return [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]


def _stamp(given: Any) -> Weekly | Dated:
    text = given if isinstance(given, str) else ""
    if found := _DATED.fullmatch(text):
        return _dated(given, found[1], found[2])
    if found := _WEEKLY.fullmatch(text):
        return _weekly(given, found[1], found[2])
    raise refuse(
        f"{shown(given)} is not a time", 'write "Fri 15:00" for every week, 2026-12-18, or "2026-12-18 15:00"'
    )


def _dated(given: str, day: str, at: str | None) -> Dated:
    try:
        found = Dated(date.fromisoformat(day), time.fromisoformat(at) if at else None)
    except ValueError as error:
        raise refuse(f"{shown(given)} is not in the calendar", "mend the day or the time") from error
    if found.day.year not in YEARS:
        raise refuse(
            f"the year {found.day.year} cannot be meant", f"write one from {YEARS[0]} to {YEARS[-1]}"
        )
    return found


def _weekly(given: str, day: str, at: str) -> Weekly:
    if day not in DAYS:
        raise refuse(f"no day '{day}'", suggest(day.title(), DAYS))
    try:
        return Weekly(DAYS.index(day), time.fromisoformat(at.zfill(5)))
    except ValueError as error:
        raise refuse(f"{shown(given)} is not on the clock", "write hours to 23 and minutes to 59") from error


def _day(given: Any) -> date:
    found = _DATED.fullmatch(given) if isinstance(given, str) else None
    if not found or found[2]:
        raise refuse(f"{shown(given)} is not a date", "write one such as 2026-12-31")
    return _dated(given, found[1], None).day


def _timestamp(given: Any) -> datetime:
    found = _DATED.fullmatch(given) if isinstance(given, str) else None
    if not found:
        raise refuse(f"{shown(given)} is not a date and time", "write one such as 2026-12-31 15:00")
    return _dated(given, found[1], found[2]).begin.replace(tzinfo=UTC)


def _zone(given: Any) -> Any:
    try:
        ZoneInfo(given)
    except (KeyError, ValueError, TypeError, OSError) as error:
        known = sorted(available_timezones())
        advice = suggest(str(given), known) if isinstance(given, str) else ""
        near = advice if "mean" in advice else "write one of the IANA database, such as Europe/Berlin or UTC"
        raise refuse(f"no time zone {shown(given)}", near) from error
    return given


Stamp = Annotated[
    Weekly | Dated,
    PlainValidator(_stamp, json_schema_input_type=str),
    PlainSerializer(str, return_type=str),
]
"""A time of every week, or a date."""
Day = Annotated[date, PlainValidator(_day, json_schema_input_type=str)]
"""A date."""
Timestamp = Annotated[datetime, PlainValidator(_timestamp, json_schema_input_type=str)]
"""A date and time in UTC."""
Zone = Annotated[str, BeforeValidator(_zone, json_schema_input_type=str)]
"""The name of a time zone in the IANA database."""
