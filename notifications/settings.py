"""Where messages go, and the address that their links point at."""

from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from registry.settings import RoomSettings


class NotificationSettings(RoomSettings):
    """Which channels are open beside the log and the console's page."""

    # An invalid webhook address is still a secret: pydantic would quote it in the error.
    model_config = SettingsConfigDict(hide_input_in_errors=True)

    slack_webhook_url: SecretStr | None = None
    console_url: str = "http://127.0.0.1:5080"

    @field_validator("slack_webhook_url")
    @classmethod
    def _is_address(cls, secret: SecretStr | None) -> SecretStr | None:
        """Unset and empty are the same: no Slack."""
        if secret is None or not secret.get_secret_value():
            return None
        text = secret.get_secret_value()
        if not _is_web_address(text):
            raise ValueError(
                "GATEHOUSE_SLACK_WEBHOOK_URL must be an address such as https://hooks.slack.com/services/T…/B…/…"
            )
        return secret

    @field_validator("console_url")
    @classmethod
    def _is_console(cls, text: str) -> str:
        if not _is_web_address(text):
            raise ValueError("GATEHOUSE_CONSOLE_URL must be an http or https address")
        return text.rstrip("/")


def _is_web_address(text: str) -> bool:
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
