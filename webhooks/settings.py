"""What the receiver needs to know."""

from typing import Self

from pydantic import model_validator

from ledger.settings import LedgerSettings
from registry.settings import RegistrySettings
from webhooks.dialects import DIALECTS, DialectSecrets
from workers.settings import QueueSettings

BODY_MAX = 1024 * 1024
"""Bytes of one delivery; MLflow's own are under 10 kB."""


class ReceiverSettings(RegistrySettings, LedgerSettings, QueueSettings, DialectSecrets):
    """The receiver's settings: at least one dialect must have a secret."""

    @model_validator(mode="after")
    def _listens(self) -> Self:
        if not self.secrets():
            names = ", ".join(f"GATEHOUSE_{dialect.setting.upper()}" for dialect in DIALECTS.values())
            raise ValueError(f"no webhook could be verified: set one of {names}")
        return self
