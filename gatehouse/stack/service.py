"""One service of the stack: what to run, and the process that runs it."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gatehouse.stack.errors import ServiceDied
from gatehouse.stack.health import Check

_TAIL_LINES = 15
_TAIL_BYTES = 20_000
_FIRST_BYTES = 1_000_000
"""Among these a service says that it is up; a busy one has soon written more after it."""


@dataclass(frozen=True)
class Service:
    """A row of the table of services.

    `environment` is all that it gets; secrets go there, never in `command`, which anyone can list.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    healthy: Check
    needs: tuple[str, ...] = ()
    """Services that must be up before this one starts, and outlive it."""
    folder: Path | None = None
    """Working directory; None is the caller's own."""
    start_within_s: float = 120.0
    """Long, for a busy machine: a service that ends is noticed at once."""


class Running:
    """A started service, in a session of its own, writing to a log file."""

    def __init__(self, service: Service, log: Path, now: float) -> None:
        self.service = service
        self._started = now
        self._log = log
        with log.open("ab") as out:
            self._log_start = out.tell()
            try:
                self._process = subprocess.Popen(  # noqa: S603 the commands stand in our own table
                    service.command,
                    env=dict(service.environment),
                    cwd=service.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise ServiceDied(service.name, f"could not be started: {error}", "") from error

    @property
    def pid(self) -> int:
        """The process; also its session and its process group."""
        return self._process.pid

    def is_up(self) -> bool:
        """Whether it does its work. Raises ServiceDied if it has ended."""
        self.check()
        return self.service.healthy(self._first_words())

    def check(self) -> None:
        """Raises ServiceDied if it has ended."""
        if (code := self._process.poll()) is not None:
            how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
            raise ServiceDied(self.service.name, how, self.tail())

    def check_patience(self, now: float) -> None:
        """Raises ServiceDied if it should have been up by now, in seconds of a monotonic clock."""
        if now - self._started > self.service.start_within_s:
            how = f"did not answer within {self.service.start_within_s:.0f} s"
            raise ServiceDied(self.service.name, how, self.tail())

    def tail(self) -> str:
        """The last lines it has written since it was started, and where to read the rest."""
        lines = self._written().splitlines()[-_TAIL_LINES:]
        return "\n".join([*(f"  {line}" for line in lines), f"  ({self._log})"])

    def reap(self) -> None:
        """Take the exit code of a process that was stopped."""
        self._process.wait()

    def _first_words(self) -> str:
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            return log.read(_FIRST_BYTES).decode(errors="replace")

    def _written(self) -> str:
        with self._log.open("rb") as log:
            size = log.seek(0, 2)
            log.seek(max(self._log_start, size - _TAIL_BYTES))
            return log.read().decode(errors="replace")
