"""What Slack's API says, as our errors: to be tried again, or not, and what a person must mend. Pure.

Error words are Slack's (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from notifications.errors import ChannelError, ChannelRefused, ChannelUnavailable

WORDS = 200
_CODE = re.compile(r"[a-z0-9_]{1,80}")
LATER = {
    *("fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org"),
    *("ratelimited", "rate_limited", "message_limit_exceeded", "accesslimited"),
}
MENDS = {
    "not_in_channel": "invite the app to the channel: /invite @Gatehouse",
    "channel_not_found": "see that the id of the channel is right, and invite the app: /invite @Gatehouse",
    "is_archived": "the channel is archived: name another",
    "invalid_auth": "set GATEHOUSE_SLACK_BOT_TOKEN to the app's bot token",
    "not_authed": "set GATEHOUSE_SLACK_BOT_TOKEN to the app's bot token",
    "token_revoked": "install the app again and set GATEHOUSE_SLACK_BOT_TOKEN",
    "token_expired": "install the app again and set GATEHOUSE_SLACK_BOT_TOKEN",
    "account_inactive": "install the app again and set GATEHOUSE_SLACK_BOT_TOKEN",
}
GONE = {"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"}
"""The message is no longer there to be changed, or answered to."""


class SlackRefused(ChannelRefused):
    """Slack's no, with its own word for why."""

    def __init__(self, reason: str, code: str) -> None:
        super().__init__(reason)
        self.code = code


def told(error: SlackApiError, *, method: str) -> ChannelError:
    """An answer of the API as our error. The token is in no answer."""
    answer = error.response
    status, said = _status(answer), _said(answer)
    # Of an answer that is no JSON, such as a login page, the SDK makes an error of its own: no code.
    code = str(said.get("error") or "")
    code = code if _CODE.fullmatch(code) else ""
    words = f"Slack answered {method} with {status}: {code or 'nothing to read'}"
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in LATER:
        return ChannelUnavailable(words, retry_after=retry_after(getattr(answer, "headers", None) or {}))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or not code:
        return ChannelUnavailable(words)
    if code == "missing_scope":
        needed = str(said.get("needed") or "?")[:WORDS]
        mend = f"add the scope {needed} to the app's bot token scopes and install the app again"
        return SlackRefused(f"{words}; {mend}", code)
    return SlackRefused(f"{words}; {MENDS[code]}" if code in MENDS else words, code)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, if told in seconds: Slack sends no dates."""
    value = next((v for k, v in headers.items() if k.lower() == "retry-after"), "")
    return float(value) if value.isascii() and value.isdigit() else None


def _status(answer: SlackResponse | dict[str, Any]) -> int:
    return int(answer["status"] if isinstance(answer, dict) else answer.status_code)


def _said(answer: SlackResponse | dict[str, Any]) -> Mapping[str, Any]:
    data = answer if isinstance(answer, dict) else answer.data
    return data if isinstance(data, dict) else {}
