"""Requests for approval: when others are asked, when one has waited too long, and who is reminded. Pure.

A request begins when people are first asked about exactly this evidence and policy text. One that nobody
answered in time is a no: what was never agreed to must not go up on a late word.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from policies.figures import span
from policies.moment import Moment, spoken
from policies.terms import ApprovalRule


def entries_at(entries: Iterable[ApprovalRule], moment: Moment) -> tuple[ApprovalRule, ...]:
    """The entries as they stand by now: those that nobody answered in time ask others, too."""
    return tuple(entry.escalated() if _is_late(entry, moment) else entry for entry in entries)


def _is_late(entry: ApprovalRule, moment: Moment) -> bool:
    return entry.escalate is not None and moment.now >= moment.begun + entry.escalate.after


def overdue(missing: Iterable[ApprovalRule], moment: Moment) -> list[ApprovalRule]:
    """The entries still to be filled whose time is over."""
    begun = moment.begun
    return [entry for entry in missing if entry.expires and moment.now >= begun + entry.expires]


def deadline(entries: Iterable[ApprovalRule], moment: Moment) -> datetime | None:
    """When the first of these requests ends, if nobody answers; None: none does."""
    return min((moment.begun + entry.expires for entry in entries if entry.expires), default=None)


def unanswered(entry: ApprovalRule, moment: Moment) -> str:
    """Why a request that expired is a no."""
    assert entry.expires is not None
    asked = spoken(moment.begun, UTC)
    return f"no approval by {entry} within {span(entry.expires)}: asked on {asked}"


def next_change(missing: Sequence[ApprovalRule], moment: Moment) -> datetime | None:
    """When the next reminder is due, others are asked, or the first request expires."""
    begun = moment.begun
    ends = [begun + entry.expires for entry in missing if entry.expires]
    reminders = [
        begun + ((moment.now - begun) // entry.remind + 1) * entry.remind for entry in missing if entry.remind
    ]
    escalations = [begun + entry.escalate.after for entry in missing if entry.escalate]
    return min([*ends, *reminders, *escalations], default=None)


def last_reminder(missing: Iterable[ApprovalRule], moment: Moment) -> datetime | None:
    """The latest time by now at which any of those still asked was to be reminded."""
    begun = moment.begun
    times = [
        begun + periods * entry.remind
        for entry in missing
        if entry.remind and (periods := (moment.now - begun) // entry.remind) > 0
    ]
    return max(times, default=None)
