"""Where settings come from, for every room, and the registry's own.

The environment (`GATEHOUSE_...`) wins; below it stands the file that a running local stack leaves in its
home, so that a command in another terminal finds the stack untold. Each room subclasses `RoomSettings`.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import field_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the local stack: `GATEHOUSE_HOME`, or `.gatehouse` in the working directory."""
    return Path(environ.get("GATEHOUSE_HOME") or ".gatehouse")


def env_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The settings a running local stack leaves for others; there only while it runs."""
    return home(environ) / "local.env"


class RoomSettings(BaseSettings):
    """The base of every room's settings: both sources are read anew each time one is made."""

    model_config = SettingsConfigDict(env_prefix="GATEHOUSE_", extra="ignore", frozen=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 its file was fixed at import
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file of the stack that runs now."""
        stack = DotEnvSettingsSource(settings_cls, env_file=env_file())
        return init_settings, env_settings, stack, file_secret_settings


class RegistrySettings(RoomSettings):
    """Which registry is guarded."""

    registry_url: str = "http://127.0.0.1:5000"
    workspaces: Annotated[tuple[str, ...], NoDecode] = ()
    """Those that are guarded, set apart by commas; none where the server has no workspaces."""

    @field_validator("workspaces", mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        return tuple(filter(None, map(str.strip, given.split(",")))) if isinstance(given, str) else given
