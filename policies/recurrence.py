"""RFC 5545 recurrence rules, `FREQ=MONTHLY;BYDAY=-1FR`, through python-dateutil.

Checked first for what the library would search for ever or that a freeze cannot mean.
"""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from policies.problems import suggest
from policies.section import refuse
from policies.wording import shown

if TYPE_CHECKING:
    from dateutil.rrule import rrule

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
TOO_FINE = ("HOURLY", "MINUTELY", "SECONDLY", "BYHOUR", "BYMINUTE", "BYSECOND")
PARTS = (
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"),
    *("BYDAY", "BYMONTHDAY", "BYMONTH", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"),
)
SEARCHED = timedelta(days=3653)
"""What does not happen within ten years of its beginning never will, for a freeze."""
ERA, LAST_ERA = 400, 9600
_PART = re.compile(r"([A-Z]+)=([A-Z0-9,+-]{1,100})")
_NUMBER = re.compile(r"[1-9][0-9]{0,2}")


def read(text: str, begin: datetime) -> "rrule":
    """The rule, beginning at a wall clock's time (naive); raises an error that says what to write instead."""
    from dateutil.rrule import rrule, rrulestr

    _check(text)
    try:
        rule = rrulestr(text, dtstart=begin, cache=True)
    except (ValueError, KeyError, IndexError, OverflowError) as error:
        raise refuse(f"{shown(text)} is no recurrence rule: {error}", "write one by RFC 5545") from error
    if not isinstance(rule, rrule) or not _happens(rule, begin):
        what = f"{shown(text)} never happens in ten years from {begin:%Y-%m-%d}"
        raise refuse(what, "mend the rule")
    return rule


def _check(text: str) -> None:
    given = {}
    for part in text.split(";"):
        found = _PART.fullmatch(part)
        if not found:
            raise refuse(f"{shown(part)} is no part of a recurrence rule", "write FREQ=MONTHLY;BYDAY=-1FR")
        name, value = found[1], found[2]
        if name in TOO_FINE or value in TOO_FINE:
            raise refuse(f"{shown(part)} is too fine", "repeat daily at most; `from` gives the time of day")
        if name not in PARTS:
            raise refuse(f"unknown part '{name}' of a recurrence rule", suggest(name, PARTS))
        if name in given:
            raise refuse(f"'{name}' stands twice in the rule", "keep one")
        if name in {"INTERVAL", "COUNT"} and not _NUMBER.fullmatch(value):
            raise refuse(f"{shown(part)} is out of bounds", f"write {name}=1 to {name}=999")
        given[name] = value
    if given.get("FREQ") not in FREQUENCIES:
        raise refuse(f"no frequency {shown(given.get('FREQ'))}", suggest(given.get("FREQ", ""), FREQUENCIES))


def _happens(rule: "rrule", begin: datetime) -> bool:
    """Searched at the end of the calendar, where the library gives up soonest: it repeats every 400 years."""
    moved = begin.replace(year=LAST_ERA + begin.year % ERA)
    first = next(iter(rule.replace(dtstart=moved, until=None, count=None)), None)
    return first is not None and first - moved <= SEARCHED and begin + (first - moved) in rule
