"""People at the fake Slack: they press buttons and send dialogs, and Slack signs what comes of it."""

import hashlib
import hmac
import itertools
import json
import time
from urllib.parse import urlencode

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
_numbers = itertools.count(1)


def buttons_of(message):
    """The buttons of a message by their action id."""
    blocks = [block for block in message["blocks"] if block["type"] == "actions"]
    return {element["action_id"]: element for block in blocks for element in block["elements"]}


def press(fake, message, action_id, user, channel="C0REVIEWS", *, uses=5):
    """The payload of a press; its trigger lives, its response URL has some uses left."""
    button = buttons_of(message)[action_id]
    number = next(_numbers)
    trigger, path = f"{number}.trigger", f"actions/T0OURS/{number}"
    fake.space.triggers.add(trigger)
    fake.space.responses[path] = uses
    return {
        "type": "block_actions",
        "user": {"id": user, "username": "admin", "name": "grace", "team_id": "T0OURS"},
        "team": {"id": "T0OURS"},
        "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel},
        "channel": {"id": channel},
        "message": message,
        "trigger_id": trigger,
        "response_url": f"{fake.root}/respond/{path}",
        "actions": [{"action_id": action_id, "type": "button", "value": button["value"], "action_ts": "1.1"}],
    }


def send(view, comment, user):
    """The payload of a dialog that was filled in and sent."""
    return {
        "type": "view_submission",
        "user": {"id": user, "team_id": "T0OURS"},
        "trigger_id": f"{next(_numbers)}.trigger",
        "view": {
            "id": "V1",
            "callback_id": view["callback_id"],
            "private_metadata": view["private_metadata"],
            "state": {"values": {"comment": {"comment": {"type": "plain_text_input", "value": comment}}}},
        },
    }


def signed(payload, *, at=None, secret=SECRET):
    """Body and headers, as Slack delivers them."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    body = urlencode({"payload": text}).encode()
    return body, headers(body, at=at, secret=secret)


def headers(body, *, at=None, secret=SECRET):
    timestamp = str(int(time.time() if at is None else at))
    base = b"v0:" + timestamp.encode() + b":" + body
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest(),
    }
