"""The buttons under a candidate that waits, and the dialog that asks for a comment. Pure.

A button carries what was shown, by digest, so that a click on last week's message votes on nothing newer.
Limits: a button's value 2000 characters, a confirm dialog's title 100 and text 300, a dialog's title 24 and
private metadata 3000 (https://docs.slack.dev/reference/block-kit).
"""

from typing import Any, Literal

from pydantic import ValidationError

from notifications.message import Message, MessageKind
from notifications.slack_text import escaped, plain
from policies.people import Shown
from registry.words import Value

APPROVE, APPROVE_SAYING, REJECT = "gatehouse_approve", "gatehouse_approve_saying", "gatehouse_reject"
DIALOG = "gatehouse_vote"
COMMENT = "comment"
VALUE = 650
"""Three of them must leave room for the rest of the message."""
NAMED = 200
TITLE, CONFIRM_TEXT, BUTTON = 100, 300, 30
COMMENT_MAX = 2000

Block = dict[str, Any]


class Subject(Value):
    """What a button or a dialog is about."""

    model: str
    version: int
    evidence: str
    policy: str

    @property
    def shown(self) -> Shown:
        """What was shown where the button stands."""
        return Shown(evidence_digest=self.evidence, policy_digest=self.policy)


class Opened(Value):
    """What a dialog remembers until it is sent: the vote it is for, and where it was opened."""

    vote: Literal["approve", "reject"]
    subject: Subject
    channel: str
    ts: str


def buttons(message: Message) -> list[Block]:
    """Approve, approve with a comment, reject; none where nothing is asked, or the name has no room."""
    value = _value(message)
    if value is None:
        return []
    what = f"{message.model} {message.version}"
    confirm = {
        "title": plain("Approve?", TITLE),
        "text": plain(f"You approve {_short(what)} as it is shown here.", CONFIRM_TEXT),
        "confirm": plain("Approve", BUTTON),
        "deny": plain("Cancel", BUTTON),
    }
    return [
        {
            "type": "actions",
            "elements": [
                _button(APPROVE, "Approve", value) | {"style": "primary", "confirm": confirm},
                _button(APPROVE_SAYING, "Approve with a comment…", value),
                _button(REJECT, "Reject…", value) | {"style": "danger"},
            ],
        }
    ]


def read_subject(value: str) -> Subject | None:
    """A button's value; None for one that is not ours."""
    try:
        return Subject.model_validate_json(value)
    except ValidationError:
        return None


def dialog(opened: Opened) -> Block:
    """What `views.open` shows: a comment, wanted for a rejection. A rejection is confirmed by sending it."""
    rejects = opened.vote == "reject"
    verb = "Reject" if rejects else "Approve"
    what = f"{opened.subject.model} {opened.subject.version}"
    said = f"{verb} {escaped(_short(what), NAMED)} as it was shown in the message."
    return {
        "type": "modal",
        "callback_id": DIALOG,
        "private_metadata": opened.model_dump_json(),
        "title": plain(verb, 24),
        "submit": plain(verb, 24),
        "close": plain("Cancel", 24),
        "blocks": [
            {"type": "section", "text": {"type": "plain_text", "text": said, "emoji": False}},
            {
                "type": "input",
                "block_id": COMMENT,
                "optional": not rejects,
                "label": plain("Why" if rejects else "Comment", 2000),
                "element": {
                    "type": "plain_text_input",
                    "action_id": COMMENT,
                    "multiline": True,
                    "max_length": COMMENT_MAX,
                },
            },
        ],
    }


def _value(message: Message) -> str | None:
    if message.kind is not MessageKind.ASKED or message.shown is None or message.version is None:
        return None
    shown = message.shown
    subject = Subject(
        model=message.model,
        version=message.version,
        evidence=shown.evidence_digest,
        policy=shown.policy_digest,
    )
    value = subject.model_dump_json()
    return value if len(value) <= VALUE else None


def _button(action: str, text: str, value: str) -> Block:
    return {"type": "button", "action_id": action, "text": plain(text, 75), "value": value}


def _short(text: str) -> str:
    return text if len(text) <= NAMED else text[: NAMED - 1] + "…"
