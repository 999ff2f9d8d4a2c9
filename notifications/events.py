"""What machines are told, typed: the body of an outgoing webhook, by Standard Webhooks' advice. Pure.

A deployment reads `version.promoted` and `version.rolled_back`: both say which version is now in Production,
and where its files are.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args

from registry.words import Stage, Value

EventType = Literal["decision.taken", "version.moved", "version.promoted", "version.rolled_back"]
EVENT_TYPES: tuple[str, ...] = get_args(EventType)


REASONS = 10_000
"""Bytes of an event's reasons: receivers are advised to take 20 kB in all."""


class EventData(Value):
    """What happened to which version, by which policy; digests name the evidence and the policy's text.

    `answer` is the policy's: promote, reject, hold, ask. `from_stage` and `to_stage` are the move that was
    judged, or was made; `replaced` is the champion that was there before; `source` and `run_id` are MLflow's.
    """

    model: str
    version: int
    answer: str
    reasons: tuple[str, ...]
    from_stage: Stage
    to_stage: Stage
    policy: str
    policy_digest: str
    evidence_digest: str
    source: str
    run_id: str | None
    replaced: int | None
    link: str


class Event(Value):
    """One event: `timestamp` is when it happened, not when it was sent."""

    type: EventType
    timestamp: datetime
    data: EventData


def brief(reasons: Sequence[str]) -> tuple[str, ...]:
    """As many of the reasons as an event has room for, worst first; of the others how many there are."""
    told: list[str] = []
    left = REASONS
    for reason in reasons:
        left -= len(reason.encode())
        if left < 0:
            return (*told, f"… and {len(reasons) - len(told)} more, on the page")
        told.append(reason)
    return tuple(told)
