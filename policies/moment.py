"""Moment: what time it is for a decision, and since when things are as they are. Comes in from outside.

Only soaks, freezes, exceptions and requests for approval look at it: the same evidence at the same moment
gets the same decision, years later too.
"""

from datetime import datetime, tzinfo

from registry.words import Value


class Moment(Value):
    """`now`, and since when: all times know their zone."""

    now: datetime
    entered: datetime | None = None
    """When the version came into the stage that it is in; None: nobody saw it come."""
    asked: datetime | None = None
    """When people were first asked about exactly this; None: they are asked now."""
    held: str | None = None
    """Who stops all moves of the model at that time, and why; None: nobody."""

    @property
    def begun(self) -> datetime:
        """Since when people are asked."""
        return self.asked or self.now


def spoken(at: datetime, zone: tzinfo) -> str:
    """A time as it is said in a zone: Mon 23 Nov 2026 09:00 America/New_York; with seconds if it has any."""
    local = at.astimezone(zone)
    seconds = f":{local:%S}" if local.second else ""
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}{seconds} {zone}"
