"""Retrain: when a policy asks the trainers for a new candidate. Pure; asking is left to `workers.retraining`.

It goes by what is the case, not by what was heard: a champion that is old, or that its watch found unfit.
So nothing is missed while workers are down, and a request that was made ends its own reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from policies.figures import span
from policies.moment import spoken
from policies.problems import suggest
from policies.quantities import Span
from policies.section import Complaint, Section, refuse, refuse_all
from policies.wording import shown

Cause = Literal["failed watch", "rollback"]
CAUSES: tuple[Cause, ...] = get_args(Cause)
SAID: Mapping[Cause, str] = {
    "failed watch": "the champion failed its watch",
    "rollback": "an earlier champion was put back",
}
LEAST = timedelta(hours=1)
"""A shorter time is a slip of the pen: a training is dear, and a gate judges what it brings."""


@dataclass(frozen=True)
class Standing:
    """Since when the champion is registered, causes that no promotion has healed, the last request."""

    champion: datetime | None = None
    causes: Mapping[Cause, datetime] = field(default_factory=dict)
    asked: datetime | None = None


def _cause(given: Any) -> Any:
    if given not in CAUSES:
        raise refuse(f"{shown(given)} is no cause", suggest(str(given), CAUSES))
    return given


class Retrain(Section):
    """When trainers are asked for a new candidate."""

    every: Span | None = Field(
        None, description="As soon as the champion is older than this, and again after as long: 7d."
    )
    after: Annotated[tuple[Annotated[Cause, BeforeValidator(_cause)], ...], Field(min_length=1)] | None = (
        Field(
            None,
            description="At once, whenever this happens: failed watch (whatever follows from it), or "
            "rollback (an earlier champion is put back, by a watch or by somebody).",
        )
    )
    pause: Span = Field(
        timedelta(days=1), description="At least so long between two requests, whatever happens: 1d."
    )

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        complaints = []
        if self.every is None and self.after is None:
            complaints.append(
                Complaint((), "nobody would ever be asked", "write every: 7d, or after: [rollback]")
            )
        for key, length in (("every", self.every), ("pause", self.pause)):
            if length is not None and length < LEAST:
                complaints.append(
                    Complaint((key,), f"{span(length)} is too short to train", "write 1h or more")
                )
        if self.every is not None and LEAST <= self.every < self.pause:
            what = f"between two requests there is a pause of {span(self.pause)}"
            complaints.append(Complaint(("every",), what, "write as much, or a shorter pause"))
        if complaints:
            raise refuse_all(complaints)
        return self

    def reason(self, standing: Standing, now: datetime) -> str | None:
        """Why a candidate is to be asked for now; None if none is."""
        asked = standing.asked
        if asked is not None and now < asked + self.pause:
            return None
        for cause in self.after or ():
            at = standing.causes.get(cause)
            if at is not None and (asked is None or at > asked):
                return f"{SAID[cause]} on {spoken(at, UTC)}"
        if self.every is None or standing.champion is None:
            return None
        if now < max(standing.champion, asked or standing.champion) + self.every:
            return None
        return (
            f"the champion, registered on {spoken(standing.champion, UTC)}, is older than {span(self.every)}"
        )
