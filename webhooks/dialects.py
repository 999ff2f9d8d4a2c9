"""The table of dialects. A new one is a file of its own, a row here, and the setting of its secrets here.

A setting may hold several secrets, one a line or set apart by commas: all are valid, the first is the one in
use. That is how a secret is replaced while deliveries are under way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from registry.events import RegistryEvent
from registry.settings import RoomSettings
from webhooks import databricks_dialect, mlflow_dialect, standard_dialect
from webhooks.signatures import Headers

SECRET_MIN = 8


class Verify(Protocol):
    """Check a delivery's signature and age, and name the delivery."""

    def __call__(self, headers: Headers, body: bytes, /, *, secrets: Sequence[str], now: float) -> str:
        """The delivery's id. Raises SignatureInvalid."""


@dataclass(frozen=True)
class Dialect:
    """One way of telling of a registry's events."""

    source: str
    """Recorded with each delivery, and the last part of the path."""
    setting: str
    verify: Verify
    parse: Callable[[bytes], RegistryEvent]

    @property
    def path(self) -> str:
        """Where its deliveries are taken."""
        return f"/webhooks/{self.source}"


DIALECTS = {
    dialect.source: dialect
    for dialect in (
        Dialect(mlflow_dialect.SOURCE, "webhook_secret", mlflow_dialect.verify, mlflow_dialect.parse),
        Dialect(
            databricks_dialect.SOURCE,
            "databricks_secret",
            databricks_dialect.verify,
            databricks_dialect.parse,
        ),
        Dialect(standard_dialect.SOURCE, "plugin_secret", standard_dialect.verify, standard_dialect.parse),
    )
}


class DialectSecrets(RoomSettings):
    """The secrets that webhooks are signed with; a dialect without one is not listened to."""

    # A refused secret is still a secret: pydantic would quote it in the error.
    model_config = SettingsConfigDict(hide_input_in_errors=True)

    webhook_secret: SecretStr | None = Field(None, description="Of the webhook at MLflow.")
    databricks_secret: SecretStr | None = Field(None, description="Of webhooks at Databricks.")
    plugin_secret: SecretStr | None = Field(None, description="Of the plug-in of the MLflow server.")

    @field_validator("webhook_secret", "databricks_secret", "plugin_secret")
    @classmethod
    def _long_enough(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and any(len(secret) < SECRET_MIN for secret in parts(given) or [""]):
            raise ValueError(f"every secret must have {SECRET_MIN} characters or more")
        return given

    @field_validator("plugin_secret")
    @classmethod
    def _standard(cls, given: SecretStr | None) -> SecretStr | None:
        for secret in parts(given):
            standard_dialect.key_of(secret)
        return given

    def secrets(self) -> dict[str, list[str]]:
        """By source: every valid secret, the one in use first; only of dialects that have one."""
        held = {source: parts(getattr(self, dialect.setting)) for source, dialect in DIALECTS.items()}
        return {source: secrets for source, secrets in held.items() if secrets}


def parts(given: SecretStr | None) -> list[str]:
    """The secrets in one setting, in their order."""
    lines = given.get_secret_value().replace(",", "\n").splitlines() if given else []
    return [line.strip() for line in lines if line.strip()]
