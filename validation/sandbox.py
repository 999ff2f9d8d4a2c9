"""The sandbox: every model runs in a process of its own, used once, started before it is needed.

Spares have imported MLflow, and what the last models needed, and wait (`validation.spares`); one is taken per
run and thrown away with all that it started. Always in force: own process group, clean environment, private
scratch, limits on time, memory, processes, file size. Where the kernel has it: no network, no files but the
model's and the interpreter's, no signals to others and no look at them, no system calls that reach further
(`validation.confine`).
"""

import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import pyarrow as pa

from policies.evidence.scan import Scan
from policies.sandbox_levels import SandboxLevel
from registry.words import Signature
from validation.answers import Failed, Run, Scored
from validation.child import Child
from validation.confinement import Confinement
from validation.dialogue import Inputs, Talk, confinement, converse
from validation.environments import Environments
from validation.exam import TESTER, Answers, Examined, Paper, examine
from validation.feeding import Fed
from validation.kept import KeptAnswers
from validation.limits import Limits
from validation.rows import Rows
from validation.scanning import SCANNER, scan
from validation.spares import BARE, PLAIN, Kind, Spares, kind_of


class Sandbox:
    """Runs models; shared between threads, made after a fork. Close it, or use it as a context."""

    def __init__(  # noqa: PLR0913 how models are run, each part by its name
        self,
        *,
        python: str = sys.executable,
        limits: Limits | None = None,
        spares: int = 2,
        threads: int = os.cpu_count() or 1,
        machine: str = platform.machine(),
        environments: Environments | None = None,
        kept: KeptAnswers | None = None,
    ) -> None:
        """`spares` processes wait ahead (two: candidate and champion).

        Each takes about 250 MB, with TensorFlow imported about 750 MB. `machine` is whose system calls are
        filtered, as `platform.machine` calls it; `kept`, where models' answers are kept for the next time;
        `environments`, where those that models were logged with are.
        """
        self.python = python
        self.kept = kept
        self._limits = limits or Limits()
        self._threads = threads
        self._machine = machine
        self._environments = environments
        self._spares = Spares(spares, self._scorer)

    @property
    def limits(self) -> Limits:
        """What one run may cost."""
        return self._limits

    def run(
        self,
        model: Path,
        tables: Mapping[str, Inputs],
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
            with self._borrowed(kind_of(model), python) as child:
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

            def answers(rows: Rows) -> Scored | Failed:
                fed = Fed(rows, signature)
                if not known:
                    known.append(self.opened(stack, model, level, env))
                talk_or_failed = known[0]
                if isinstance(talk_or_failed, Failed):
                    return talk_or_failed
                return talk_or_failed.ask(fed, "the tests", 0.0)

            yield answers

    def opened(
        self,
        stack: ExitStack,
        model: Path,
        level: SandboxLevel = "limited",
        env: Literal["worker", "model"] = "worker",
    ) -> Talk | Failed:
        """A model that is loaded, to be asked until `stack` ends. Raises OSError if no process starts."""
        python = self._python_of(model, env)
        if isinstance(python, Failed):
            return python
        talk = Talk(stack.enter_context(self._borrowed(kind_of(model), python)), self._limits, level)
        loaded = talk.load(model)
        return loaded if isinstance(loaded, Failed) else talk

    @contextmanager
    def _own(self, script: Path) -> Iterator[Child]:
        """A process for one of our own scripts."""
        child = self._spares.start(
            lambda: Child(sys.executable, self._limits, self._threads, self._machine, script)
        )
        try:
            yield child
        finally:
            child.end()

    @contextmanager
    def _borrowed(self, kind: Kind = BARE, python: str | None = None) -> Iterator[Child]:
        """A process for one model, ended afterwards. Raises OSError if none can be started."""
        with self.at_work():
            try:
                child = self._spares.take(kind) if python is None else self._of(python)
            except OSError as error:
                raise OSError(f"no process was started: {error}") from error
            try:
                yield child
            finally:
                self._spares.retire(child)

    def at_work(self) -> AbstractContextManager[None]:
        """For all that one verdict takes: processes for the next are started when it is over."""
        return self._spares.at_work()

    def _of(self, python: str) -> Child:
        """A process of another interpreter: nobody waits ahead for it."""
        return self._spares.start(
            lambda: Child(python, self._limits, self._threads, self._machine, ahead=PLAIN)
        )

    def _scorer(self, kind: Kind) -> Child:
        return Child(self.python, self._limits, self._threads, self._machine, ahead=kind)

    def close(self) -> None:
        """End the spares."""
        self._spares.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
