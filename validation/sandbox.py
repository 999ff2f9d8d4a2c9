"""The sandbox: every model runs in a process of its own, used once, started before it is needed.

Spares have imported MLflow and wait; one is taken per run and thrown away with all that it started. Always
in force: own process group, clean environment, private scratch, limits on time, memory, processes, file size.
Where the kernel has it: no network, no files but the model's and the interpreter's, no signals to others and
no look at them, no system calls that reach further (`validation.confine`).
"""

import os
import platform
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from policies.sandbox_levels import SandboxLevel
from validation.answers import Failed, Run
from validation.child import Child
from validation.confinement import Confinement
from validation.dialogue import confinement, converse
from validation.limits import Limits


class Sandbox:
    """Runs models; shared between threads, made after a fork. Close it, or use it as a context."""

    def __init__(
        self,
        *,
        python: str = sys.executable,
        limits: Limits | None = None,
        spares: int = 2,
        threads: int = os.cpu_count() or 1,
        machine: str = platform.machine(),
    ) -> None:
        """`spares` processes wait ahead (two: candidate and champion), about 250 MB each.

        `machine` is whose system calls are filtered, as `platform.machine` calls it.
        """
        self._python = python
        self._limits = limits or Limits()
        self._wanted = spares
        self._threads = threads
        self._machine = machine
        self._spares: list[Future[Child]] = []
        self._lock = threading.Lock()
        # Linux kills a bound child when the *thread* that started it ends, so one lasting thread starts all.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="sandbox")
        self._top_up()

    def run(
        self,
        model: Path,
        tables: Mapping[str, pa.Table],
        *,
        load_limit_s: float | None = None,
        level: SandboxLevel = "limited",
    ) -> Run:
        """Load the model below `model` and have it answer each table. Never raises for what a model does.

        `load_limit_s` raises the limit for loading where a policy allows more than the default; `level` is
        how far the model must be kept from the rest of the machine.
        """
        load_s = max(self._limits.load_s, load_limit_s or 0.0)
        try:
            child = self._take()
        except OSError as error:
            return Run.failed(
                Failed(f"could not be run: no process was started: {error}", "surroundings"), tables
            )
        try:
            return converse(child, model, tables, replace(self._limits, load_s=load_s), level)
        except OSError as error:
            return Run.failed(Failed(f"could not be run: {error}", "surroundings"), tables)
        finally:
            child.end()
            self._top_up()

    def confinement(self) -> Confinement:
        """The measures that this machine's kernel takes. Raises OSError, Stopped where no process starts."""
        child = self._take()
        try:
            return confinement(child, self._limits)
        finally:
            child.end()
            self._top_up()

    def _take(self) -> Child:
        """A spare that still lives, or a new process."""
        with self._lock:
            while self._spares:
                child = self._spares.pop(0).result()
                if child.alive:
                    return child
                child.end()
            starting = self._start()
        return starting.result()

    def _start(self) -> Future[Child]:
        return self._starter.submit(Child, self._python, self._limits, self._threads, self._machine)

    def _top_up(self) -> None:
        """After a run, not before: importing would compete with the model for the cores."""
        with self._lock:
            self._spares += [self._start() for _ in range(self._wanted - len(self._spares))]

    def close(self) -> None:
        """End the spares."""
        with self._lock:
            self._wanted = 0
            left, self._spares = self._spares, []
        for spare in left:
            if spare.exception() is None:
                spare.result().end()
        self._starter.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
