"""What people are told beside decisions: approvals that count no more, a broken glass, a hold. Pure."""

import shlex
from collections.abc import Sequence
from typing import Protocol

from notifications.message import Message, MessageKind, fact_key, one_line, page_of
from notifications.words import SHIPPED, Words
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


def render_hold(hold: Stopped, *, console_url: str, channel: str, words: Words = SHIPPED) -> Message:
    """A hold, or its end."""
    command = f"gatehouse resume {shlex.quote(hold.model) if hold.model else '--all'} --as NAME --reason '…'"
    title, text = words.word(
        "hold",
        model=one_line(hold.model) if hold.model else None,
        verb=hold.verb,
        by=one_line(hold.by),
        reason=hold.reason,
        command=command,
    )
    return Message(
        key=fact_key(MessageKind.HELD, hold.id, channel),
        channel=channel,
        kind=MessageKind.HELD,
        title=title,
        text=text,
        model=hold.model or "",
        link=page_of(console_url, hold.model) if hold.model else console_url,
    )


def render_voided(  # noqa: PLR0913 all that it says, each by its name
    model: str,
    version: int,
    approvals: Sequence[Approval],
    changed: Sequence[str],
    *,
    console_url: str,
    channel: str,
    words: Words = SHIPPED,
) -> Message:
    """Approvals that no longer count; told once for the same approvals."""
    which = [(one.reviewer, one.evidence_digest, one.policy_digest, one.at) for one in approvals]
    title, text = words.word(
        MessageKind.VOIDED,
        model=one_line(model),
        version=version,
        reviewers=list(dict.fromkeys(one.reviewer for one in approvals)),
        changed=list(changed),
    )
    return Message(
        key=fact_key(MessageKind.VOIDED, model, version, *which, channel),
        channel=channel,
        kind=MessageKind.VOIDED,
        title=title,
        text=text,
        model=model,
        version=version,
        link=page_of(console_url, model, version),
    )


def render_override(  # noqa: PLR0913 all that it says, each by its name
    model: str,
    version: int,
    act: int,
    why: tuple[Approval, Sequence[str]],
    *,
    console_url: str,
    channel: str,
    words: Words = SHIPPED,
) -> Message:
    """A promotion over the gate's head: who, why, and what the gate had said; told once for each such act."""
    said, reasons = why
    title, text = words.word(
        MessageKind.OVERRIDE,
        model=one_line(model),
        version=version,
        by=one_line(said.reviewer),
        reason=said.comment,
        said=list(reasons),
    )
    return Message(
        key=fact_key(MessageKind.OVERRIDE, model, version, act, channel),
        channel=channel,
        kind=MessageKind.OVERRIDE,
        title=title,
        text=text,
        model=model,
        version=version,
        link=page_of(console_url, model, version),
    )
