"""Waivers: the entries of a policy's `exceptions`, by which a gate stops nothing for a time. Pure.

The policy's text says who excepts what, why and until when; whether that is over is asked at each decision.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from pydantic import Field

from policies.quantities import Text
from policies.section import Section
from policies.verdicts import Verdict
from policies.walltime import Day


class Waiver(Section):
    """One gate that stops nothing until a day has passed."""

    gate: Text = Field(description="The gate's name, in any of the policy's transitions.")
    reason: Text = Field(description="Why, such as the number of a ticket.")
    by: Text = Field(description="Who answers for it: one of the owners, or a member of such a group.")
    expires: Day = Field(description="The last day on which it counts, in UTC: 2026-12-31.")

    @property
    def end(self) -> datetime:
        """The first moment at which it counts no more."""
        return ended_by(self.expires)

    def __str__(self) -> str:
        return f"by {self.by} until {self.expires} ({self.reason})"


def ended_by(day: date) -> datetime:
    """Midnight, UTC, after a day."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


@dataclass(frozen=True)
class Waivers:
    """A policy's exceptions at a moment."""

    entries: tuple[Waiver, ...]
    now: datetime

    def of(self, verdict: Verdict) -> Waiver | None:
        """The exception that counts for this gate, of several the one that lasts longest."""
        return self._last(w for w in self.entries if w.gate == verdict.gate and self.now < w.end)

    def told(self, verdict: Verdict, sentence: str) -> str:
        """What is excepted, by whom and why."""
        return f"waived {self.of(verdict)}: {sentence}"

    def end(self, verdicts: Iterable[Verdict]) -> datetime | None:
        """When the first of those that count for these verdicts ends."""
        return min((waiver.end for verdict in verdicts if (waiver := self.of(verdict))), default=None)

    def ended(self, verdicts: Iterable[Verdict]) -> Iterator[str]:
        """What to say of gates that were excepted once."""
        for verdict in verdicts:
            over = self._last(w for w in self.entries if w.gate == verdict.gate and w.end <= self.now)
            if over and not self.of(verdict):
                ended = f"ended with {over.expires} and counts no more"
                yield f"the exception for {over.gate} by {over.by} {ended}"

    @staticmethod
    def _last(waivers: Iterable[Waiver]) -> Waiver | None:
        return max(waivers, key=lambda waiver: waiver.expires, default=None)
