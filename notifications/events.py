"""What machines are told, typed: the body of an outgoing webhook, by Standard Webhooks' advice. Pure.

A deployment reads `version.promoted` and `version.rolled_back`: both say which version is now in Production,
and where its files are.
"""

from datetime import datetime
from typing import Literal, get_args

from registry.words import Stage, Value

EventType = Literal["decision.taken", "version.moved", "version.promoted", "version.rolled_back"]
EVENT_TYPES: tuple[str, ...] = get_args(EventType)


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
