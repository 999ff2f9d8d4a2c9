"""An interaction of Slack -> what it asks for: a vote, a dialog to be opened, or nothing of ours. Pure.

Payloads: https://docs.slack.dev/reference/interaction-payloads. They are signed, so the user is whom Slack
says; the name in it is no proof of anything, and is not read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from notifications.slack_buttons import (
    APPROVE,
    APPROVE_SAYING,
    COMMENT,
    DIALOG,
    REJECT,
    Block,
    Opened,
    Subject,
    dialog,
    read_subject,
)
from registry.words import Value


class PayloadInvalid(ValueError):
    """Signed, yet not understood; the sentence says what is wrong."""


class Click(Value):
    """A vote, as it came from Slack: by whom, on what was shown, and where to answer."""

    vote: Literal["approve", "reject"]
    subject: Subject
    comment: str
    user: str
    channel: str
    ts: str
    response_url: str | None = None


@dataclass(frozen=True)
class Opening:
    """A dialog to be opened, within the three seconds that Slack leaves."""

    trigger: str
    view: Block


def read_payload(text: str) -> Click | Opening | None:
    """What an interaction asks for; None for what is none of ours. Raises PayloadInvalid."""
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PayloadInvalid("the payload is no JSON") from error
    try:
        if not isinstance(payload, dict):
            raise PayloadInvalid("the payload is no object")
        if payload.get("type") == "block_actions":
            return _pressed(payload)
        if payload.get("type") == "view_submission":
            return _sent(payload)
    except (KeyError, IndexError, TypeError, AttributeError, ValidationError) as error:
        raise PayloadInvalid(f"the payload lacks what its type has ({type(error).__name__})") from error
    return None


def _pressed(payload: Mapping[str, Any]) -> Click | Opening | None:
    action, where = payload["actions"][0], payload["container"]
    subject = read_subject(str(action.get("value") or ""))
    kind = action.get("action_id")
    if subject is None or kind not in {APPROVE, APPROVE_SAYING, REJECT}:
        return None
    vote: Literal["approve", "reject"] = "reject" if kind == REJECT else "approve"
    channel, ts = where["channel_id"], where["message_ts"]
    if kind == APPROVE:
        return Click(
            vote=vote, subject=subject, comment="", user=payload["user"]["id"], channel=channel, ts=ts,
            response_url=payload.get("response_url"),
        )  # fmt: skip
    opened = Opened(vote=vote, subject=subject, channel=channel, ts=ts)
    return Opening(trigger=str(payload["trigger_id"]), view=dialog(opened))


def _sent(payload: Mapping[str, Any]) -> Click | None:
    view = payload["view"]
    if view.get("callback_id") != DIALOG:
        return None
    opened = Opened.model_validate_json(view["private_metadata"])
    said = view["state"]["values"].get(COMMENT, {}).get(COMMENT, {}).get("value") or ""
    return Click(
        vote=opened.vote, subject=opened.subject, comment=said, user=payload["user"]["id"],
        channel=opened.channel, ts=opened.ts,
    )  # fmt: skip
