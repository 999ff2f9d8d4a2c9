"""SlackChat: who a user of Slack is, and a word to them alone."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import urlsplit

from slack_sdk.webhook import WebhookClient

from notifications.slack_api import API_URL, TIMEOUT_S, SlackApi
from notifications.slack_clicks import Click
from notifications.slack_errors import SlackRefused
from notifications.slack_text import escaped

SAID = 2500
NOT_OURS = ("is_bot", "is_stranger", "is_restricted", "is_ultra_restricted", "is_invited_user")


# The client writes the address into its debug lines.
_silenced = logging.getLogger(f"{__name__}.client")
_silenced.setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True)
class Account:
    """A user of Slack; without an e-mail address, `why` says why not."""

    user: str
    email: str | None
    why: str = ""


class SlackChat:
    """Every method raises ChannelUnavailable or ChannelRefused."""

    def __init__(
        self, api: SlackApi, people: Mapping[str, str], *, url: str = API_URL, timeout_s: int = TIMEOUT_S
    ) -> None:
        """`people` are the names of reviewers by Slack's id or by address."""
        self._api = api
        self._people = {known.casefold(): name for known, name in people.items()}
        self._url = urlsplit(url)
        self._timeout_s = timeout_s

    @cached_property
    def _team(self) -> str:
        return str(self._api.ask("auth.test")["team_id"])

    def reviewer(self, user: str, listed: Callable[[str], bool]) -> tuple[str | None, str]:
        """The reviewer that a user is, or None and why: by the map, or by an address that is `listed`."""
        if name := self._people.get(user.casefold()):
            return name, ""
        account = self.account(user)
        if account.email is None:
            return None, account.why
        name = self._people.get(account.email.casefold(), account.email)
        if name is account.email and not listed(name):
            return None, f"{account.email} is nobody among the reviewers"
        return name, ""

    def account(self, user: str) -> Account:
        """Whom Slack knows a user as.

        Only a full, active member of our own workspace has an address that our workspace stands for: in a
        channel that is shared, others' addresses are what their own workspace says.
        """
        try:
            told = self._api.ask("users.info", user=user)["user"]
        except SlackRefused as refused:
            if refused.code in {"user_not_found", "user_not_visible"}:
                return Account(user, None, "Slack does not know you here")
            if refused.code == "missing_scope":
                return Account(user, None, "Slack does not tell us who you are: the app lacks users:read")
            raise
        ours = told.get("team_id") == self._team and not told.get("deleted")
        if not ours or any(told.get(kind) for kind in NOT_OURS):
            return Account(user, None, "you are not a full member of this workspace")
        email = str((told.get("profile") or {}).get("email") or "").strip()
        if not email:
            return Account(user, None, "Slack does not show us your address: the app lacks users:read.email")
        if told.get("is_email_confirmed") is False:
            return Account(user, None, "your address is not confirmed at Slack")
        return Account(user, email)

    def answer(self, click: Click, text: str) -> None:
        """Say it to whoever clicked, and nobody else: by the click's own address, or in the channel."""
        said = escaped(text, SAID)
        url = click.response_url
        if url and self._is_slacks(url) and self._responded(url, said):
            return
        words = {"channel": click.channel, "user": click.user, "text": said, "parse": "none"}
        self._api.call("chat.postEphemeral", **words)

    def _responded(self, url: str, said: str) -> bool:
        """An address lives for half an hour and five answers; after that it is of no use."""
        client = WebhookClient(url, timeout=self._timeout_s, logger=_silenced, retry_handlers=[])
        try:
            answer = client.send(text=said, response_type="ephemeral", replace_original=False)
        except (OSError, HTTPException, ValueError, LookupError):
            return False
        return answer.status_code == HTTPStatus.OK

    def _is_slacks(self, url: str) -> bool:
        """The payload is signed, and yet no other host than Slack's is asked because of it."""
        asked, ours = urlsplit(url), self._url
        host, home = asked.hostname or "", ours.hostname or ""
        return asked.scheme == ours.scheme and (host == home or host.endswith(f".{home}"))
