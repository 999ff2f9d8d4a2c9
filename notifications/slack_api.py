"""The few methods of Slack's API that we call, with our errors instead of the SDK's.

https://docs.slack.dev/reference/methods. Nothing is tried again here: the outbox does that, after the time
that Slack asks for.
"""

import logging
from collections.abc import Callable, Iterator
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from notifications.errors import ChannelUnavailable
from notifications.slack_errors import told

API_URL = "https://slack.com/api/"
TIMEOUT_S = 10
PAGE = 200
PAGES_MAX = 25

# The client writes what it sends and is told into its debug lines.
_silenced = logging.getLogger(f"{__name__}.client")
_silenced.setLevel(logging.CRITICAL + 1)

Block = dict[str, Any]


class SlackApi:
    """Every method raises ChannelUnavailable, or SlackRefused with Slack's word and what to mend."""

    def __init__(self, token: str, *, url: str = API_URL, timeout_s: int = TIMEOUT_S) -> None:
        self._client = WebClient(
            token=token, base_url=url, timeout=timeout_s, logger=_silenced, retry_handlers=[]
        )

    def __repr__(self) -> str:
        return "SlackApi(…)"

    def call(self, method: str, **words: Any) -> dict[str, Any]:
        """Call a method by its name; what it answers comes back."""
        return self._asked(method, lambda: self._client.api_call(method, json=words))

    def ask(self, method: str, **words: Any) -> dict[str, Any]:
        """Call a method that reads: those take no JSON."""
        return self._asked(method, lambda: self._client.api_call(method, http_verb="GET", params=words))

    def pages(self, method: str, **words: Any) -> Iterator[dict[str, Any]]:
        """The pages of a method that has several."""
        cursor = ""
        for _ in range(PAGES_MAX):
            page = self.ask(method, limit=PAGE, **words, **({"cursor": cursor} if cursor else {}))
            yield page
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def open_view(self, trigger: str, view: Block) -> None:
        """Open a dialog, while its trigger lives."""
        self.call("views.open", trigger_id=trigger, view=view)

    def upload(self, name: str, content: bytes, title: str) -> str:
        """Upload a picture that nobody sees until a message shows it; its id comes back."""
        answer = self._asked(
            "files.upload",
            lambda: self._client.files_upload_v2(filename=name, content=content, title=title),
        )
        return str(answer["file"]["id"])

    def scopes(self) -> tuple[dict[str, Any], frozenset[str]]:
        """Who we are at Slack, and what we may do there."""
        headers: dict[str, str] = {}

        def ask() -> Any:
            answer = self._client.auth_test()
            headers.update({key.lower(): value for key, value in answer.headers.items()})
            return answer

        who = self._asked("auth.test", ask)
        return who, frozenset(filter(None, map(str.strip, headers.get("x-oauth-scopes", "").split(","))))

    def _asked(self, method: str, ask: Callable[[], Any]) -> dict[str, Any]:
        try:
            answer = ask().data
        except SlackApiError as error:
            raise told(error, method=method) from None
        except (SlackClientError, OSError, HTTPException, ValueError, LookupError) as error:
            # `from None`: the cause holds the request with its token.
            raise ChannelUnavailable(f"Slack could not be reached: {type(error).__name__}") from None
        if not isinstance(answer, dict):
            raise ChannelUnavailable(f"Slack answered {method} with something that is no JSON")
        return answer
