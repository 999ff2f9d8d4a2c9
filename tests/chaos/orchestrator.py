"""Keeps services running as an orchestrator would, and kills them with -9 when told to."""

import contextlib
import subprocess
import sys
import threading
import time
from collections import Counter

import psutil

from gatehouse.stack.ending import stop
from gatehouse.stack.errors import ServiceDied
from gatehouse.stack.service import Running
from gatehouse.stack.warden import DONE

LOOK_S = 0.1
REST_S = 1.0
"""Between two starts of one service: whoever cannot start yet must not take the others' time."""
STARTING_S = 300


class Orchestrator:
    """Runs services inside a `with`; what ends, by a kill or by itself, is started again."""

    def __init__(self, home, database):
        self._home, self._database = home, database
        self._running, self._started, self._up = {}, {}, set()
        self._doomed, self.kills, self.own_ends = set(), Counter(), Counter()
        self._changing = threading.RLock()
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="orchestrator", daemon=True)

    def __enter__(self):
        self._warden = subprocess.Popen(
            [sys.executable, "-m", "gatehouse.stack.warden", str(self._home.local_env)],
            stdin=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        return self

    def __exit__(self, *_):
        self._over.set()
        with contextlib.suppress(RuntimeError):  # never started
            self._keeper.join()
        stop([running.pid for running in self._running.values()], 5.0)
        for running in self._running.values():
            running.reap()
        self._warden.communicate(DONE)

    def start(self, services):
        """Start all, keep them running from now on, and return when all are up."""
        for service in services:
            self._start(service)
        self._keeper.start()
        self.wait()

    def wait(self):
        """Until all are up. Raises TimeoutError, naming those that are not, with the end of their logs."""
        deadline = time.monotonic() + STARTING_S
        while down := [name for name in [*self._running, "postgres"] if not self._is_up(name)]:
            if time.monotonic() > deadline:
                tails = [self._running[name].tail() for name in down if name in self._running]
                raise TimeoutError(f"not up in {STARTING_S} s: {', '.join(down)}\n" + "\n".join(tails))
            time.sleep(LOOK_S)

    def kill(self, kill):
        """Carry out one kill; False if that service is not up."""
        with self._changing:
            if not self._is_up(kill.service):
                return False
            self.kills[kill.service] += 1
            if kill.service == "postgres":
                self._database.kill()
                return True
            leader = psutil.Process(self._running[kill.service].pid)
            with contextlib.suppress(psutil.NoSuchProcess):
                family = leader.children(recursive=True)
                one = [family[int(kill.pick * len(family))]] if family and not kill.whole else None
                if one is None:
                    self._doomed.add(kill.service)
                for process in one or [leader, *family]:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process.kill()
        return True

    def _keep(self):
        while not self._over.wait(LOOK_S):
            self._database.revive()
            with self._changing:
                for name, running in self._running.items():
                    # Asked often: what it says when it is up is soon not among its last words.
                    self._is_up(name)
                    if self._has_ended(running) and time.monotonic() - self._started[name] > REST_S:
                        self.own_ends[name] += name not in self._doomed
                        self._doomed.discard(name)
                        stop([running.pid], 0.0)
                        running.reap()
                        self._start(running.service)

    def _start(self, service):
        self._started[service.name] = time.monotonic()
        running = Running(service, self._home.log(service.name), time.monotonic())
        self._running[service.name] = running
        self._up.discard(service.name)
        self._warden.stdin.write(f"{running.pid}\n")
        self._warden.stdin.flush()

    def _is_up(self, name):
        """A service that was up stays so until it ends: what it said then is no longer the end of its log."""
        if name == "postgres":
            return self._database.is_up()
        try:
            if name in self._up:
                self._running[name].check()
            elif self._running[name].is_up():
                self._up.add(name)
        except ServiceDied:
            return False
        return name in self._up

    @staticmethod
    def _has_ended(running):
        try:
            running.check()
        except ServiceDied:
            return True
        return False
