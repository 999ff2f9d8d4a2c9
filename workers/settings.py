"""Where the workers find the queue, the policies, and a place for files."""

from pathlib import Path

from pydantic import Field

from registry.settings import RoomSettings, home


class QueueSettings(RoomSettings):
    """All that is needed to ring: also by the receiver."""

    redis_url: str = "redis://127.0.0.1:6390/0"


class WorkerSettings(QueueSettings):
    """All that the workers need beyond registry and ledger."""

    policies: Path = Path("policies/definitions")
    sweep_every_s: float = 2.0
    sweep_fully_every_s: float = 60.0
    """How often everything is read: so late is a tag, alias or deletion seen that no webhook told of."""
    sweep_depth: int = 50
    """How many of the latest changed versions one sweep asks for at a time."""
    spares: int = 2
    """Processes that wait ahead to run a model; none where a worker only sweeps."""
    environments: Path = Field(default_factory=lambda: home() / "environments")
    """Where environments that models were logged with are kept, for policies that say `env: model`."""
    index_url: str | None = None
    """The package index that they are installed from; without it uv's own."""
    wheels: Path | None = None
    """A folder of wheels to install them from instead."""
    kept: Path = Field(default_factory=lambda: home() / "kept")
    """A folder for what models answered, so that a champion is not asked again at every candidate."""
    kept_mb: int = Field(default=1024, ge=0)
    """How much of that is kept; with 0, nothing."""
    alive: Path | None = None
    """A file that workers and schedule touch every few seconds while they reach the queue and do not hang."""

    def note_alive(self) -> None:
        """Touch that file, for whoever watches over this process."""
        if self.alive is not None:
            self.alive.touch()
