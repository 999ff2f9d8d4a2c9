"""What people are told beside decisions: approvals that count no more, a broken glass, a hold. Pure."""

import shlex
from collections.abc import Sequence
from typing import Protocol

from notifications.message import Message, MessageKind, fact_key, page_of
from policies.verdicts import Approval


class Stopped(Protocol):
    """What is told of a hold, or of its end; `model` is None where it is of all."""

    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def model(self) -> str | None: ...  # noqa: D102
    @property
    def verb(self) -> str: ...  # noqa: D102
    @property
    def by(self) -> str: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102


def render_hold(hold: Stopped, *, console_url: str, channel: str) -> Message:
    """A hold, or its end."""
    of = hold.model or "all models"
    held = hold.verb == "hold"
    command = f"gatehouse resume {shlex.quote(hold.model) if hold.model else '--all'} --as NAME --reason '…'"
    after = f"Nothing is moved until somebody resumes: {command}" if held else "What waited is looked at now."
    return Message(
        key=fact_key(MessageKind.HELD, hold.id, channel),
        channel=channel,
        kind=MessageKind.HELD,
        title=f"{of} {'held' if held else 'resumed'} by {hold.by}",
        text=f"{hold.reason}\n{after}",
        model=hold.model or "",
        link=page_of(console_url, hold.model) if hold.model else console_url,
    )


def render_voided(
    model: str,
    version: int,
    approvals: Sequence[Approval],
    changed: Sequence[str],
    *,
    console_url: str,
    channel: str,
) -> Message:
    """Approvals that no longer count; told once for the same approvals."""
    names = ", ".join(dict.fromkeys(one.reviewer for one in approvals))
    which = [(one.reviewer, one.evidence_digest, one.policy_digest, one.at) for one in approvals]
    what = "An approval" if len(approvals) == 1 else "Approvals"
    return Message(
        key=fact_key(MessageKind.VOIDED, model, version, *which, channel),
        channel=channel,
        kind=MessageKind.VOIDED,
        title=f"{what} of {model} {version} can no longer count",
        text=f"{names} approved what is no longer so: {'; '.join(changed)}. "
        "An approval counts for exactly what was shown: look again, and approve anew if you are still asked.",
        model=model,
        version=version,
        link=page_of(console_url, model, version),
    )


def render_override(
    model: str, version: int, act: int, why: tuple[Approval, Sequence[str]], *, console_url: str, channel: str
) -> Message:
    """A promotion over the gate's head: who, why, and what the gate had said; told once for each such act."""
    said, reasons = why
    return Message(
        key=fact_key(MessageKind.OVERRIDE, model, version, act, channel),
        channel=channel,
        kind=MessageKind.OVERRIDE,
        title=f"{said.reviewer} promotes {model} {version} over the gate's head",
        text="\n".join(reasons),
        model=model,
        version=version,
        link=page_of(console_url, model, version),
    )
