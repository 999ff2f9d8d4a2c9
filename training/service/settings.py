"""What a trainer as a service is told: which model it trains, on what, for whom, and with which options."""

import shlex
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from registry.settings import RegistrySettings, home


class TrainingSettings(RegistrySettings):
    """Settings of one service; data and owner have no default."""

    redis_url: str = "redis://127.0.0.1:6390/0"
    training_data: str
    """Trips as the ETL takes them, prepared anew for each request; or the folder that it made of them."""
    training_owner: str
    training_model: str = "taxi-fare"
    """The registered model that it trains; requests for others are left to others."""
    training_experiment: str = "taxi-fare"
    training_arguments: Annotated[tuple[str, ...], NoDecode] = ()
    """Further options of `python -m training.train`, as a shell takes them."""
    training_work: Path = Field(default_factory=lambda: home() / "training")
    """A folder of its own for what must survive a restart: checkpoints, and what it is at."""
    alive: Path | None = None
    """A file that is touched every few seconds while the service reaches the queue and does not hang."""

    @field_validator("training_arguments", mode="before")
    @classmethod
    def _split(cls, given: Any) -> Any:
        return tuple(shlex.split(given)) if isinstance(given, str) else given
