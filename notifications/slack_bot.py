"""SlackBot: one message for each candidate, drawn anew as things move, and a thread below it for the rest.

Slack takes no idempotency key, so each message carries its fact's key as metadata. Whoever sends again what
somebody may have sent before (killed, or not heard) first looks for that key where it would stand.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from notifications.errors import ChannelUnavailable
from notifications.memory import Memory, Thread
from notifications.message import Message, MessageKind
from notifications.slack_api import SlackApi
from notifications.slack_blocks import blocks, fallback, reply
from notifications.slack_errors import GONE, SlackRefused

METADATA = "gatehouse_message"
PATIENCE = timedelta(minutes=1)
"""So long may Slack take until it can show a picture."""
CLOCKS_APART = timedelta(minutes=2)
LOUD = {MessageKind.ASKED, MessageKind.PROBLEM, MessageKind.VOIDED, MessageKind.OVERRIDE}
"""Told to the whole channel also where they stand in a thread: somebody must act."""
UNSEEN = {"channel_not_found", "is_archived", "not_in_channel"}


def utc_now() -> datetime:
    """The wall clock, passed in so that tests can set it."""
    return datetime.now(UTC)


class SlackBot:
    """Speaks with a bot token.

    `places` are Slack's channel ids by the policies' channels; all others are told at the place named "".
    With `clickable` there are buttons, which need somebody who listens to them.
    """

    name = "slack"

    def __init__(
        self,
        api: SlackApi,
        places: Mapping[str, str],
        memory: Memory,
        *,
        clickable: bool = False,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._now = now
        self._api = api
        self._places = places
        self._memory = memory
        self._clickable = clickable

    def takes(self, message: Message) -> bool:
        """Whatever is for people, and has a place."""
        return message.event is None and self._place(message) is not None

    def send(self, message: Message, *, since: datetime | None = None) -> None:
        """Draw the candidate anew wherever it is shown, and tell the message's own channel what is new.

        Raises ChannelUnavailable, ChannelRefused.
        """
        if message.kind is MessageKind.PLOTTED:
            self._show_plot(message, since or self._now())
            return
        place = self._place(message)
        if message.is_card:
            threads = self._threads(message)
            if any(thread.channel == place and _told_already(thread.card, message) for thread in threads):
                return
            for thread in threads:
                self._redraw(replace(thread, card=message))
        if place is None or message.quiet:
            return
        here = next((thread for thread in self._threads(message) if thread.channel == place), None)
        if here is not None:
            self._reply(here, message, since)
        else:
            self._open(place, message, since)

    def _place(self, message: Message) -> str | None:
        return self._places.get(message.channel, self._places.get(""))

    def _threads(self, message: Message) -> Sequence[Thread]:
        return [] if message.version is None else self._memory.threads(message.model, message.version)

    def _open(self, place: str, message: Message, since: datetime | None) -> None:
        found = None
        if since is not None:
            oldest = str((since - CLOCKS_APART).timestamp())
            found = self._found("conversations.history", message, channel=place, oldest=oldest)
        ts = found or self._post(message, self._drawn(message), channel=place)
        if message.is_card:
            self._keep(message, Thread(channel=place, ts=ts, card=message))

    def _reply(self, thread: Thread, message: Message, since: datetime | None) -> None:
        where = {"channel": thread.channel, "ts": thread.ts}
        if since is not None and self._found("conversations.replies", message, **where):
            return
        loud = message.kind in LOUD
        self._post(message, reply(message), channel=thread.channel, thread_ts=thread.ts, reply_broadcast=loud)

    def _post(self, message: Message, drawn: list[dict[str, Any]], **where: Any) -> str:
        metadata = {"event_type": METADATA, "event_payload": {"key": _key(message)}}
        answer = self._api.call(
            "chat.postMessage",
            text=fallback(message), blocks=drawn, metadata=metadata, unfurl_links=False, **where,
        )  # fmt: skip
        return str(answer["ts"])

    def _found(self, method: str, message: Message, **where: str) -> str | None:
        """The ts of this very message, if it stands there already.

        A token that may not read the channel cannot know: then it is sent, rather twice than never.
        """
        wanted = _key(message)
        try:
            for page in self._api.pages(method, include_all_metadata=True, **where):
                for each in page.get("messages", ()):
                    metadata = each.get("metadata") or {}
                    if (metadata.get("event_payload") or {}).get("key") == wanted:
                        return str(each["ts"])
        except SlackRefused as error:
            if error.code not in {"missing_scope", *GONE}:
                raise
        return None

    def _redraw(self, thread: Thread) -> None:
        """Without its picture where that is of an older judgement, or where Slack does not take it."""
        picture = thread.picture
        if picture and picture[0] != thread.card.evaluation:
            thread, picture = replace(thread, picture=None), None
        try:
            try:
                self._update(thread)
            except SlackRefused as error:
                if picture is None or error.code != "invalid_blocks":
                    raise
                thread = replace(thread, picture=None)
                self._update(thread)
        except SlackRefused as error:
            if error.code not in GONE | UNSEEN:
                raise
            self._memory.forget(thread.card.model, thread.card.version or 0, thread.channel)
            return
        self._keep(thread.card, thread)

    def _update(self, thread: Thread) -> None:
        drawn = self._drawn(thread.card, plot=thread.picture[1] if thread.picture else None)
        self._api.call(
            "chat.update", channel=thread.channel, ts=thread.ts, text=fallback(thread.card), blocks=drawn
        )

    def _drawn(self, message: Message, plot: str | None = None) -> list[dict[str, Any]]:
        return blocks(message, plot=plot, clickable=self._clickable)

    def _show_plot(self, message: Message, since: datetime) -> None:
        """Put the picture into the candidate's message. Slack may need a moment until it can show it.

        No longer than a moment: other messages wait behind this one.
        """
        evaluation = message.evaluation
        shown = [thread for thread in self._threads(message) if thread.card.evaluation == evaluation]
        plot = self._memory.plot(evaluation) if shown and evaluation else None
        if plot is None or evaluation is None:
            return
        uploaded = next((t.picture[1] for t in shown if t.picture and t.picture[0] == evaluation), None)
        file = uploaded or self._api.upload("candidate.png", plot, message.title)
        for thread in shown:
            with_plot = replace(thread, picture=(evaluation, file))
            # Remembered first: what is tried again is not uploaded again.
            self._keep(thread.card, with_plot)
            try:
                self._update(with_plot)
            except SlackRefused as error:
                if error.code != "invalid_blocks":
                    raise
                if self._now() - since > PATIENCE:
                    raise
                raise ChannelUnavailable("Slack cannot show the picture yet") from error

    def _keep(self, message: Message, thread: Thread) -> None:
        self._memory.keep(message.model, message.version or 0, thread)


def _told_already(card: Message, message: Message) -> bool:
    """Whether the same was told there for another of the policies' channels: one place is told it once."""
    same = card.model_copy(update={"key": message.key, "channel": message.channel}) == message
    return same and card.channel != message.channel


def _key(message: Message) -> str:
    return hashlib.sha256(message.key.encode()).hexdigest()
