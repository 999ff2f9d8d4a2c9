"""Starts services as soon as what they need is up, notices when one dies, stops them all.

One thread and no callbacks: a start is a loop that looks at everything a few times a second.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from gatehouse.stack.ending import stop
from gatehouse.stack.errors import ServiceDied
from gatehouse.stack.home import Home
from gatehouse.stack.service import Running, Service
from gatehouse.stack.warden import DONE

LOOK_S = 0.05
WATCH_S = 0.5
GRACE_S = 8.0
REVIVALS_MAX = 5
STEADY_S = 60.0
"""A service that ends more often than so many times in so many seconds has a trouble of its own."""


class Supervisor:
    """Runs services inside a `with`; whatever way it is left, even by kill -9, none of them stays behind."""

    def __init__(self, home: Home, report: Callable[[str], None], grace_s: float = GRACE_S) -> None:
        self._home = home
        self._report = report
        self._grace_s = grace_s
        self._running: dict[str, Running] = {}
        self._revived: dict[str, list[float]] = {}
        self._warden = _start_warden(home)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, services: Sequence[Service]) -> None:
        """Start all and return when all are up. Raises ServiceDied."""
        began = time.monotonic()
        waiting, up = list(services), set[str]()
        while len(up) < len(services):
            for service in [each for each in waiting if up.issuperset(each.needs)]:
                waiting.remove(service)
                self._start(service)
            for name in self._newly_up(up):
                up.add(name)
                self._report(f"{name} is up after {time.monotonic() - began:.1f} s")
            time.sleep(LOOK_S)

    def check(self) -> None:
        """Raises ServiceDied if any service has ended by itself."""
        for running in self._running.values():
            running.check()

    def watch(self) -> None:
        """Stay, starting again what dies. Raises ServiceDied for what does not stay up."""
        while True:
            self.revive()
            time.sleep(WATCH_S)

    def revive(self) -> None:
        """Start again what has ended by itself. Raises ServiceDied for what ends again and again."""
        for name, running in list(self._running.items()):
            try:
                running.check()
            except ServiceDied as died:
                since = time.monotonic() - STEADY_S
                recent = [at for at in self._revived.get(name, ()) if at > since]
                if len(recent) >= REVIVALS_MAX:
                    raise
                self._report(f"{name} {died.how}: starting it again")
                self._revived[name] = [*recent, time.monotonic()]
                stop([running.pid], self._grace_s)
                running.reap()
                self._start(running.service)

    def stop(self) -> None:
        """Stop those that need others, then those that are needed. Doing it twice does nothing."""
        needing = [each for each in self._running.values() if each.service.needs]
        needed = [each for each in self._running.values() if not each.service.needs]
        for wave in (needing, needed):
            stop([each.pid for each in wave], self._grace_s)
        for running in self._running.values():
            running.reap()
        self._running.clear()
        if self._warden.poll() is None:
            self._warden.communicate(DONE)

    def _start(self, service: Service) -> None:
        log = self._home.log(service.name)
        running = self._running[service.name] = Running(service, log, time.monotonic())
        if self._warden.stdin:
            self._warden.stdin.write(f"{running.pid}\n")
            self._warden.stdin.flush()

    def _newly_up(self, up: set[str]) -> list[str]:
        self.check()
        newly = []
        for name, running in self._running.items():
            if name not in up and running.is_up():
                newly.append(name)
            elif name not in up:
                running.check_patience(time.monotonic())
        return newly


def _start_warden(home: Home) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 our own module
        [sys.executable, "-m", "gatehouse.stack.warden", str(home.local_env)],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
        pass_fds=[home.lock_fd],
    )
