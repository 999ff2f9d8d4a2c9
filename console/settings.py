"""Where the console listens, how it is reached, and what it knows beside the ledger."""

from pathlib import Path
from secrets import token_hex

from pydantic import Field, SecretStr

from console.signin.oidc_settings import OidcSettings
from notifications.settings import NotificationSettings


class ConsoleSettings(NotificationSettings, OidcSettings):
    """Read by whoever starts the server; `console_url` is how people reach it."""

    console_host: str = "127.0.0.1"
    console_port: int = 5080
    mlflow_url: str = ""
    """Where people's browsers reach MLflow, without a slash at its end; unset, there are no links there."""
    policies: Path = Path("policies/definitions")
    console_secret: SecretStr = Field(default_factory=lambda: SecretStr(token_hex(32)))
    """Signs what guards forms. Without one each process has its own until it ends, which will do for one."""
    console_proxies: int = Field(default=0, ge=0)
    """How many proxies stand before it: so many entries of X-Forwarded-For are believed."""
    limits_url: str = "memory://"
    """Where calls are counted for the rate limits: in the process, or in Redis for several of them."""

    @property
    def https(self) -> bool:
        """Whether people reach it encrypted; cookies are then sent no other way."""
        return self.console_url.startswith("https://")
