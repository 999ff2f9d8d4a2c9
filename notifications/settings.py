"""Where messages go, and the address that their links point at."""

from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from registry.settings import RoomSettings


class SlackSettings(RoomSettings):
    """Slack by a bot token, or by an incoming webhook alone; unset and empty are the same."""

    # An invalid secret is still a secret: pydantic would quote it in the error.
    model_config = SettingsConfigDict(hide_input_in_errors=True)

    slack_webhook_url: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_channel: str = ""
    """The id of the channel that is told where the channels file names no other."""
    slack_signing_secret: SecretStr | None = None
    """With it there are buttons: workers draw them, the receiver listens to them."""
    slack_api_url: str = "https://slack.com/api/"

    @field_validator("slack_webhook_url", "slack_bot_token", "slack_signing_secret")
    @classmethod
    def _set(cls, secret: SecretStr | None) -> SecretStr | None:
        return secret if secret and secret.get_secret_value() else None

    @field_validator("slack_webhook_url")
    @classmethod
    def _is_address(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not is_web_address(secret.get_secret_value()):
            raise ValueError(
                "GATEHOUSE_SLACK_WEBHOOK_URL must be an address such as https://hooks.slack.com/services/T…/B…/…"
            )
        return secret

    @field_validator("slack_bot_token")
    @classmethod
    def _is_bots(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not secret.get_secret_value().startswith("xoxb-"):
            raise ValueError("it must be the app's bot token, which begins with xoxb-")
        return secret

    @field_validator("slack_channel")
    @classmethod
    def _is_channel(cls, text: str) -> str:
        if text and not is_channel_id(text):
            raise ValueError(
                "it must be a channel's id, such as C0123ABCD: Slack shows it in the channel's details"
            )
        return text

    @field_validator("slack_api_url")
    @classmethod
    def _is_api(cls, text: str) -> str:
        if not is_web_address(text):
            raise ValueError("it must be an http or https address such as https://slack.com/api/")
        return f"{text.rstrip('/')}/"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.slack_signing_secret and not self.slack_bot_token:
            raise ValueError(
                "GATEHOUSE_SLACK_SIGNING_SECRET needs GATEHOUSE_SLACK_BOT_TOKEN: buttons are answered with it"
            )
        return self


class NotificationSettings(SlackSettings):
    """Which channels are open beside the log and the console's page."""

    channels: Path | None = None
    """A file that names channels: Slack's, Apprise's, and webhooks. It holds secrets."""
    messages: Path | None = None
    """A folder of templates for the words of messages."""
    console_url: str = "http://127.0.0.1:5080"

    @field_validator("channels", "messages", mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        """Unset and empty are the same."""
        return given or None

    @field_validator("console_url")
    @classmethod
    def _is_console(cls, text: str) -> str:
        if not is_web_address(text):
            raise ValueError("GATEHOUSE_CONSOLE_URL must be an http or https address")
        return text.rstrip("/")


def is_channel_id(text: str) -> bool:
    """Whether it may be the id of a channel at Slack; names change, ids do not."""
    return len(text) > 1 and text[0] in "CDG" and text.isascii() and text.isalnum() and text.isupper()


def is_web_address(text: str) -> bool:
    """Whether it is an http or https address with a host and nothing that no address may have."""
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return (
        named
        and parts.scheme in {"http", "https"}
        and text.isascii()
        and text.isprintable()
        and " " not in text
    )
