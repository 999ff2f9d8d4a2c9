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
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import pandas as pd
import pyarrow as pa

from policies.evidence.scan import Scan
from policies.sandbox_levels import SandboxLevel
from registry.words import Signature
from validation.answers import Failed, Run, Scored
from validation.child import SCORER, Child
from validation.confinement import Confinement
from validation.dialogue import Talk, confinement, converse
from validation.environments import Environments
from validation.exam import TESTER, Answers, Examined, Paper, examine
from validation.inputs import feed
from validation.limits import Limits
from validation.scanning import SCANNER, scan


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
        environments: Environments | None = None,
    ) -> None:
        """`spares` processes wait ahead (two: candidate and champion), about 250 MB each.

        `machine` is whose system calls are filtered, as `platform.machine` calls it. `environments` keeps
        those that models were logged with.
        """
        self._python = python
        self._limits = limits or Limits()
        self._wanted = spares
        self._threads = threads
        self._machine = machine
        self._environments = environments
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
        calls: Mapping[str, Sequence[pa.Table]] | None = None,
        load_limit_s: float | None = None,
        level: SandboxLevel = "limited",
        env: Literal["worker", "model"] = "worker",
    ) -> Run:
        """Load the model below `model` and have it answer each table. Never raises for what a model does.

        `calls` are timed one by one, before any table is seen. `load_limit_s` raises the limit for loading
        where a policy allows more than the default; `level` is how far the model must be kept from the rest
        of the machine; in its own `env` no process waits ahead.
        """
        python = self._python_of(model, env)
        if isinstance(python, Failed):
            return Run.failed(python, tables, calls)
        limits = replace(self._limits, load_s=max(self._limits.load_s, load_limit_s or 0.0))
        try:
            with self._borrowed(python) as child:
                return converse(child, model, tables, limits, calls=calls or {}, level=level)
        except OSError as error:
            failed = Failed(f"could not be run: {error}", "surroundings")
            return Run.failed(failed, tables, calls)

    def _python_of(self, model: Path, env: Literal["worker", "model"]) -> str | Failed | None:
        """The interpreter of a model's own environment; None for ours."""
        if env == "worker":
            return None
        if self._environments is None:
            return Failed("could not be run: this process keeps no environments of models", "surroundings")
        return self._environments.python_of(model)

    def scan(self, model: Path) -> Scan | Failed:
        """What is dangerous in the files below `model`, which are not loaded; read by our own Python."""
        try:
            with self._own(SCANNER) as child:
                return scan(child, model, self._limits)
        except OSError as error:
            return Failed(f"could not be scanned: {error}", "surroundings")

    def examine(self, paper: Paper) -> Examined | Failed:
        """Run a team's tests; the models they ask answer from processes of their own."""
        try:
            with self._own(TESTER) as child:
                return examine(child, paper, self._limits)
        except OSError as error:
            return Failed(f"could not be tested: {error}", "surroundings")

    def confinement(self) -> Confinement:
        """The measures that this machine's kernel takes. Raises OSError, Stopped where no process starts."""
        with self._borrowed() as child:
            return confinement(child, self._limits)

    @contextmanager
    def answering(
        self,
        model: Path,
        signature: Signature | None,
        level: SandboxLevel = "limited",
        env: Literal["worker", "model"] = "worker",
    ) -> Iterator[Answers]:
        """A model that is loaded when it is first asked, and may be asked again and again."""
        with ExitStack() as stack:
            known: list[Talk | Failed] = []

            def answers(frame: pd.DataFrame) -> Scored | Failed:
                table = feed(frame, signature)
                if not known:
                    known.append(self._opened(stack, model, level, env))
                talk_or_failed = known[0]
                if isinstance(talk_or_failed, Failed):
                    return talk_or_failed
                return talk_or_failed.ask(table, "the tests", 0.0)

            yield answers

    def _opened(
        self, stack: ExitStack, model: Path, level: SandboxLevel, env: Literal["worker", "model"]
    ) -> Talk | Failed:
        python = self._python_of(model, env)
        if isinstance(python, Failed):
            return python
        talk = Talk(stack.enter_context(self._borrowed(python)), self._limits, level)
        loaded = talk.load(model)
        return loaded if isinstance(loaded, Failed) else talk

    @contextmanager
    def _own(self, script: Path) -> Iterator[Child]:
        """A process for one of our own scripts."""
        child = self._started(sys.executable, script).result()
        try:
            yield child
        finally:
            child.end()

    @contextmanager
    def _borrowed(self, python: str | None = None) -> Iterator[Child]:
        """A process for one model, ended afterwards. Raises OSError if none can be started."""
        try:
            child = self._take() if python is None else self._started(python).result()
        except OSError as error:
            raise OSError(f"no process was started: {error}") from error
        try:
            yield child
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
            starting = self._started(self._python)
        return starting.result()

    def _started(self, python: str, script: Path = SCORER) -> Future[Child]:
        return self._starter.submit(Child, python, self._limits, self._threads, self._machine, script)

    def _top_up(self) -> None:
        """After a run, not before: importing would compete with the model for the cores."""
        with self._lock:
            self._spares += [self._started(self._python) for _ in range(self._wanted - len(self._spares))]

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
