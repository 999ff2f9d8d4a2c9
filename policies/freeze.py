"""Freeze: windows of time in which nothing is promoted, whatever the gates say. Pure: the moment comes in.

A window begins with its first moment and ends before its last. Where windows overlap, touch or lie within
each other, the freeze ends when none of them holds any more.
"""

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from policies.moment import spoken
from policies.quantities import Span, Text
from policies.recurrence import read
from policies.section import Complaint, Section, refuse_all
from policies.walltime import WEEK, Dated, Stamp, Weekly, Zone, earliest, latest

if TYPE_CHECKING:
    from dateutil.rrule import rrule as Recurrence  # noqa: N812 a field here is called as the class is

STEPS_MAX = 500
"""From window to window so often, and a freeze has no end."""
SLACK = timedelta(days=1)
"""No clock change is as large: so far apart are times looked for by the wall clock."""


class Window(Section):
    """One span of time: weekly, by dates, or by a recurrence rule."""

    name: Text | None = Field(None, description="What people call it.")
    reason: Text | None = Field(None, description="Why nothing is promoted then.")
    begin: Stamp = Field(
        alias="from",
        description='"Fri 15:00" of every week, a date, or "2026-12-18 15:00"; of an rrule the first time.',
    )
    end: Stamp | None = Field(
        None, alias="to", description="Of the same kind; a date is meant as a whole day."
    )
    rrule: Text | None = Field(
        None,
        max_length=200,
        description='How it repeats, by RFC 5545, daily at most: "FREQ=MONTHLY;BYDAY=-1FR".',
    )
    lasts: Span | None = Field(None, alias="for", description="How long each lasts, with rrule: 24h.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if complaints := self._recurring() if self.rrule else self._once():
            raise refuse_all(complaints)
        return self

    def _recurring(self) -> list[Complaint]:
        complaints = []
        if self.end is not None:
            complaints.append(
                Complaint(
                    ("to",),
                    "an rrule says when it begins again, not when it ends",
                    "write for: 24h",
                    on_key=True,
                )
            )
        elif self.lasts is None:
            complaints.append(
                Complaint((), "'for' is missing beside 'rrule'", "add how long it lasts, such as for: 24h")
            )
        if isinstance(self.begin, Weekly):
            complaints.append(
                Complaint(("from",), "an rrule begins on a date", 'write one, such as "2026-01-30 15:00"')
            )
            return complaints
        try:
            _ = self._rule
        except PydanticCustomError as error:
            context = error.context or {}
            complaints.append(Complaint(("rrule",), context["what"], context["instead"]))
        return complaints

    def _once(self) -> list[Complaint]:
        if self.lasts is not None:
            return [Complaint(("for",), "'for' goes with an rrule", "write to: instead", on_key=True)]
        if self.end is None:
            return [Complaint((), "'to' is missing", "add it")]
        if type(self.begin) is not type(self.end):
            what = "one end is a time of every week, the other a date"
            return [Complaint(("to",), what, "write both alike")]
        if self.begin == self.end and isinstance(self.begin, Weekly):
            return [Complaint(("to",), "it ends when it begins", "write another time")]
        if isinstance(self.begin, Dated) and isinstance(self.end, Dated) and self.begin.begin >= self.end.end:
            return [Complaint(("to",), "it ends before it begins", "write a later time")]
        return []

    def __str__(self) -> str:
        called = self.name or (f"{self.rrule}" if self.rrule else f"{self.begin} to {self.end}")
        return f"{called} ({self.reason})" if self.reason else called

    @cached_property
    def _rule(self) -> "Recurrence":
        assert isinstance(self.begin, Dated)
        assert self.rrule is not None
        return read(self.rrule, self.begin.begin)

    def end_at(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """When this window ends, if it holds at that moment; in UTC."""
        ends = [end for begin, end in self._near(at, zone) if begin <= at < end]
        return max(ends, default=None)

    def _near(self, at: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
        """Every span of this window that may hold at that moment."""
        local = at.astimezone(zone).replace(tzinfo=None)
        if isinstance(self.begin, Weekly):
            assert isinstance(self.end, Weekly)
            begins = [self.begin.last(local + SLACK), self.begin.last(local + SLACK) - WEEK]
            return [(earliest(begin, zone), latest(self.end.next(begin), zone)) for begin in begins]
        if self.lasts is None:
            assert isinstance(self.end, Dated)
            return [(earliest(self.begin.begin, zone), latest(self.end.end, zone))]
        begins = self._rule.between(local - self.lasts - SLACK, local + SLACK, inc=True)
        return [(earliest(begin, zone), latest(begin, zone) + self.lasts) for begin in begins]


class Frozen(NamedTuple):
    """A freeze that holds: until when (None: no end can be seen), and by which windows."""

    until: datetime | None
    sentence: str


class Freeze(Section):
    """When nothing is promoted."""

    timezone: Zone = Field(description="Whose clock the windows go by, such as America/New_York.")
    windows: Annotated[tuple[Window, ...], Field(min_length=1, max_length=20)] = Field(
        description="Spans of time; while any holds, promotions wait."
    )

    @model_validator(mode="after")
    def _ends(self) -> Self:
        """After all dates have passed there must be some free moment."""
        dates = [w.begin.begin.replace(tzinfo=UTC) for w in self.windows if isinstance(w.begin, Dated)]
        after = max(dates, default=datetime(2000, 1, 1, tzinfo=UTC)) + 2 * SLACK
        if (frozen := self.holds(after)) and frozen.until is None:
            raise refuse_all(
                [Complaint(("windows",), "these windows leave no moment free", "make one of them shorter")]
            )
        return self

    def holds(self, at: datetime) -> Frozen | None:
        """Whether promotions wait at this moment, and until when."""
        zone = ZoneInfo(self.timezone)
        holding = [window for window in self.windows if window.end_at(at, zone)]
        if not holding:
            return None
        until = self._free(at, zone)
        when = f"until {spoken(until, zone)}" if until else "with no end in sight"
        return Frozen(until, f"frozen {when}: {', '.join(map(str, holding))}")

    def _free(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """The first moment from here on in which no window holds."""
        for _ in range(STEPS_MAX):
            ends = [end for window in self.windows if (end := window.end_at(at, zone))]
            if not ends:
                return at
            at = max(ends)
        return None
