"""Opens the channels that the settings and the channels file name."""

from typing import TYPE_CHECKING

from notifications.channel_file import ChannelFile, read_channels
from notifications.channels import Channel, LogChannel
from notifications.memory import Memory
from notifications.settings import NotificationSettings, SlackSettings

if TYPE_CHECKING:
    from notifications.slack_api import SlackApi
    from notifications.slack_chat import SlackChat


def open_channels(settings: NotificationSettings, memory: Memory) -> tuple[Channel, ...]:
    """The log always; Slack where a token is set, or else a webhook; what the file names.

    Raises ChannelsInvalid, and ChannelRefused for an address that cannot be one.
    """
    named = read_channels(settings.channels)
    return (LogChannel(), *_slack(settings, named, memory), *_others(named))


def slack_places(settings: SlackSettings, named: ChannelFile) -> dict[str, str]:
    """Slack's channel ids by the policies' channels; the one for all others under ""."""
    return ({"": settings.slack_channel} if settings.slack_channel else {}) | dict(named.slack.channels)


def open_chat(settings: NotificationSettings) -> "SlackChat | None":
    """Who answers people that click in Slack; None without a token. Raises ChannelsInvalid."""
    if settings.slack_bot_token is None:
        return None
    from notifications.slack_chat import SlackChat

    people = read_channels(settings.channels).slack.people
    return SlackChat(slack_api(settings), people, url=settings.slack_api_url)


def slack_api(settings: SlackSettings) -> "SlackApi":
    """Slack's API, by the token that is set."""
    from notifications.slack_api import SlackApi  # slack_sdk is the worker's, not every reader's

    token = settings.slack_bot_token
    return SlackApi(token.get_secret_value() if token else "", url=settings.slack_api_url)


def _slack(settings: SlackSettings, named: ChannelFile, memory: Memory) -> list[Channel]:
    if settings.slack_bot_token is not None:
        from notifications.slack_bot import SlackBot

        clickable = settings.slack_signing_secret is not None
        return [SlackBot(slack_api(settings), slack_places(settings, named), memory, clickable=clickable)]
    if settings.slack_webhook_url is not None:
        from notifications.slack import SlackChannel

        return [SlackChannel(settings.slack_webhook_url.get_secret_value())]
    return []


def _others(named: ChannelFile) -> list[Channel]:
    found: list[Channel] = []
    if named.apprise:
        from notifications.apprise_channel import AppriseChannel

        found += [AppriseChannel(name, each.url, each.channels) for name, each in named.apprise.items()]
    if named.webhooks:
        from notifications.webhook import WebhookChannel

        found += [
            WebhookChannel(name, each.url, each.secrets, each.events) for name, each in named.webhooks.items()
        ]
    return found
