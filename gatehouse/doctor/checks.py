"""What is looked at, one function a thing; each asks the real thing and changes nothing.

A check returns what it found in a sentence, or raises Unwell with what is wrong and what to do. The rooms'
own errors may leave it, too: they say both.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kombu.connection import Connection
from kombu.exceptions import KombuError

from gatehouse.own_ledger import own_ledger
from ledger.engine import open_ledger
from ledger.migrate import HEAD
from ledger.settings import LedgerSettings
from policies.datasets import Dataset, DatasetUnset
from policies.language import Policy
from policies.load import load_policies
from workers.settings import WorkerSettings

if TYPE_CHECKING:
    from notifications.settings import NotificationSettings

PATIENCE_S = 3
SCOPES = {"chat:write", "files:write", "channels:history"}
"""What Slack's messages need; a private channel's past is read by groups:history instead."""
CLICK_SCOPES = {"users:read", "users:read.email"}


@dataclass(frozen=True)
class Unwell(Exception):
    """Something is wrong, or (`unclear`) could not be asked; the sentence says what to do."""

    sentence: str
    unclear: bool = False

    def __str__(self) -> str:
        return self.sentence


def ledger() -> str:
    """The ledger answers, and is of this version. Raises LedgerUnavailable, LedgerRefused."""
    return f"{own_ledger().dialect.name}, schema {HEAD}"


def queue() -> str:
    """The broker answers: without it nothing is lost, and everything waits for the next sweep."""
    url = WorkerSettings().redis_url
    with Connection(url, connect_timeout=PATIENCE_S) as connection:  # type: ignore[no-untyped-call]
        shown = connection.as_uri()
        try:
            connection.ensure_connection(max_retries=0, timeout=PATIENCE_S)
        except (OSError, KombuError) as error:
            advice = "start it, or set GATEHOUSE_REDIS_URL"
            raise Unwell(f"{shown} does not answer ({error}); {advice}", unclear=True) from error
    return f"{shown} answers"


def registry() -> str:
    """The registry answers. Raises RegistryUnavailable, RegistryRefused."""
    from registry.mlflow_open import open_registry
    from registry.settings import RegistrySettings

    settings = RegistrySettings()
    found = open_registry(settings).recent(1)
    newest = f"{found[0].name} {found[0].version} changed last" if found else "no versions yet"
    return f"{settings.registry_url} answers: {newest}"


def policies() -> str:
    """The policies are sound, and the data sets that they name are set."""
    folder = WorkerSettings().policies
    book = load_policies(folder)
    if book.problems:
        more = f" and {len(book.problems) - 1} more" if len(book.problems) > 1 else ""
        raise Unwell(f"{book.problems[0]}{more}; see: gatehouse policy check {folder}")
    if not book.policies:
        raise Unwell(f"no policy in {folder}: every model is left alone; write one with gatehouse policy new")
    if unset := [str(error) for policy in book.policies for error in _unset(policy)]:
        raise Unwell("; ".join(unset))
    return f"{len(book.policies)} sound: {', '.join(policy.name for policy in book.policies)}"


def _unset(policy: Policy) -> Iterator[DatasetUnset]:
    for dataset in policy.datasets.values():
        if error := _why_unset(dataset):
            yield error


def _why_unset(dataset: Dataset) -> DatasetUnset | None:
    try:
        dataset.locate(os.environ)
    except DatasetUnset as error:
        return error
    return None


def sandbox() -> str:
    """How far models are kept from the rest of the machine, and what that leaves open."""
    from validation.child import Stopped
    from validation.sandbox import Sandbox

    try:
        with Sandbox(spares=0) as started:
            found = started.confinement()
    except (OSError, Stopped) as error:
        raise Unwell(f"no process for a model can be started: it {error}") from error
    left = "; ".join(f"a model {words}" for words in found.uncovered)
    told = f"level {found.level}" + (f". Left open: {left}" if left else ", all measures in force")
    if found.level != "closed":
        raise Unwell(f"{told}. Linux from 5.13 on, with Landlock and seccomp, gives the level closed")
    return told


def channels() -> str:
    """The channels can be opened, the templates are sound, and Slack lets us do what we want to.

    Raises ChannelsInvalid, ChannelRefused, ChannelUnavailable.
    """
    from notifications.opened import open_channels
    from notifications.settings import NotificationSettings
    from notifications.words import read_words
    from workers.threads import LedgerMemory

    settings = NotificationSettings()
    memory = LedgerMemory(open_ledger(LedgerSettings().url), lambda: datetime.now(UTC))
    opened = open_channels(settings, memory)
    read_words(settings.messages)
    told = [channel.name for channel in opened]
    return ", ".join([*told, *([_slack(settings)] if settings.slack_bot_token else [])])


def _slack(settings: "NotificationSettings") -> str:
    from notifications.channel_file import read_channels
    from notifications.opened import slack_api, slack_places

    who, scopes = slack_api(settings).scopes()
    wanted = SCOPES | (CLICK_SCOPES if settings.slack_signing_secret else set())
    if missing := sorted(wanted - scopes):
        advice = "add them to the app's bot token scopes and install the app again"
        raise Unwell(f"Slack: the app lacks {', '.join(missing)}; {advice}")
    if not slack_places(settings, read_channels(settings.channels)):
        raise Unwell("Slack: no channel is named; set GATEHOUSE_SLACK_CHANNEL to a channel's id")
    buttons = "with buttons" if settings.slack_signing_secret else "without buttons"
    return f"at Slack {who.get('user')} of {who.get('team')}, {buttons}"


CHECKS = {
    "ledger": ledger,
    "queue": queue,
    "registry": registry,
    "policies": policies,
    "sandbox": sandbox,
    "channels": channels,
}
"""In the order in which a delivery meets them."""
