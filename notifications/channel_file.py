"""The channels file: which ways to people and machines there are beside the settings' own.

Addresses and secrets stand in it, so no error quotes a value of it. It is read at the start of each process.
"""

import base64
import binascii
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from notifications.events import EVENT_TYPES, EventType
from notifications.settings import is_channel_id, is_web_address
from policies.load import at_top, read
from policies.parse import parse_section
from policies.problems import PolicyInvalid, Problem, suggest
from policies.quantities import Text
from policies.section import Section, refuse

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
TAKEN = {"log", "slack"}
PREFIX = "whsec_"
KEY_BYTES = range(24, 65)


class ChannelsInvalid(PolicyInvalid):
    """The channels file says something that cannot be meant; every problem as file:line:column."""


def _name(text: str) -> str:
    if not _NAME.fullmatch(text) or text in TAKEN:
        raise refuse(
            "this cannot be a channel's name", "use a-z, 0-9, '-', '_' and '.', and neither log nor slack"
        )
    return text


def _slack_id(text: Any) -> Any:
    if not isinstance(text, str) or not is_channel_id(text):
        raise refuse(
            "this is no channel of Slack", "write its id, such as C0123ABCD, from the channel's details"
        )
    return text


def _address(text: Any) -> Any:
    if not isinstance(text, str) or not is_web_address(text):
        raise refuse("this is no address", "write one such as https://ci.example/hooks/gatehouse")
    return text


def _secret(text: Any) -> Any:
    try:
        key = base64.b64decode(str(text).removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not str(text).startswith(PREFIX) or len(key) not in KEY_BYTES:
        raise refuse("this is no secret", "write whsec_ and base64 of 24 to 64 bytes")
    return text


def _listed(given: Any) -> Any:
    if not isinstance(given, list):
        raise refuse("a list is due here", "write [ … ]")
    return given


def _apprise(text: Any) -> Any:
    if not isinstance(text, str) or "://" not in text:
        raise refuse("this is no address", "write one of Apprise's, such as mailto://… or msteams://…")
    return text


def _event(text: Any) -> Any:
    if text not in EVENT_TYPES:
        raise refuse("there is no such event", suggest(str(text), EVENT_TYPES))
    return text


Name = Annotated[str, AfterValidator(_name)]


class AppriseEntry(Section):
    """One address of Apprise, and the policies' channels that go there; without any, all do."""

    url: Annotated[str, BeforeValidator(_apprise)] = Field(repr=False)
    channels: tuple[Text, ...] = ()


class WebhookEntry(Section):
    """An address that is told of events, signed with each of its secrets; without types, of all."""

    url: Annotated[str, BeforeValidator(_address)] = Field(repr=False)
    secrets: Annotated[
        tuple[Annotated[str, BeforeValidator(_secret)], ...],
        BeforeValidator(_listed),
        Field(min_length=1, repr=False),
    ]
    events: tuple[Annotated[EventType, BeforeValidator(_event)], ...] = ()


class SlackEntry(Section):
    """Slack's channels by the policies' names; reviewers by their Slack user or their address there."""

    channels: dict[Text, Annotated[str, BeforeValidator(_slack_id)]] = Field(default_factory=dict)
    people: dict[Text, Text] = Field(default_factory=dict)


class ChannelFile(Section):
    """Slack's part; Apprise's addresses and webhooks by names of their own."""

    slack: SlackEntry = Field(default_factory=SlackEntry)
    apprise: dict[Name, AppriseEntry] = Field(default_factory=dict)
    webhooks: dict[Name, WebhookEntry] = Field(default_factory=dict)


def read_channels(path: Path | None) -> ChannelFile:
    """What the file says; nothing without one. Raises ChannelsInvalid with every problem."""
    if path is None:
        return ChannelFile()
    try:
        found = parse_section(ChannelFile, read(path), file=str(path))
    except PolicyInvalid as invalid:
        # `from None`, and nothing quoted: any value may be a secret in the wrong place.
        raise ChannelsInvalid(map(_unquoted, invalid.problems)) from None
    if both := sorted(found.apprise.keys() & found.webhooks.keys()):
        what = f"'{both[0]}' names two channels"
        raise ChannelsInvalid([at_top(path, what, "give one of them another name")])
    return found


def _unquoted(problem: Problem) -> Problem:
    if problem.what.startswith("unknown key"):
        return problem
    return problem.model_copy(update={"what": re.sub(r"'.*'", "this", problem.what, flags=re.DOTALL)})
