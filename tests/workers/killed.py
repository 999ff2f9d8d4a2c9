"""A worker in a process of its own, over a real MLflow server, that is killed at its N-th step outside itself.

A step is the moment before or after a write: a commit to the ledger, a request that changes the registry.
"""

import multiprocessing
import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event

from ledger.engine import open_ledger
from policies.load import load_policies
from registry.mlflow_registry import MlflowRegistry
from validation.sandbox import Sandbox
from workers.gatekeeper import Gatekeeper
from workers.look import look
from workers.tell import tell

READS = {"reads_only", "postgresql_readonly"}
# Imports once what every worker needs; each worker is then a fork of it that knows no test.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.workers.killed"])


@dataclass(frozen=True)
class World:
    """What the workers of one test share; `late` is how far their clocks are ahead."""

    registry_url: str
    ledger_url: str
    policies: Path
    diary: Path
    late: timedelta = timedelta()

    def work(self, kill_at=0):
        """Look and tell until nothing is left; whether the worker lived to its end."""
        worker = processes.Process(target=_work, args=(self, kill_at))
        worker.start()
        worker.join()
        assert worker.exitcode in {0, -signal.SIGKILL}
        return worker.exitcode == 0

    def written(self):
        """What was done and told, line by line, by all of its workers."""
        with suppress(FileNotFoundError):
            return self.diary.read_text().splitlines()
        return []


@dataclass
class Life:
    """Ends at a step."""

    kill_at: int
    steps: int = 0

    def step(self):
        self.steps += 1
        if self.steps == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Diary:
    """One line for each thing done, on disk before anything else happens. Also a channel."""

    path: Path
    name: str = "diary"

    def note(self, *words):
        with self.path.open("a") as file:
            file.write(" ".join(map(str, words)) + "\n")

    def takes(self, message):
        return not message.quiet

    def send(self, message, *, since=None):  # noqa: ARG002 the port's
        self.note("told", message.model, message.key)


class Stepwise:
    """A registry whose changes are steps."""

    def __init__(self, registry, life, diary):
        self._registry, self._life, self._diary = registry, life, diary

    def __getattr__(self, name):
        ask = getattr(self._registry, name)
        if not name.startswith(("transition", "set_", "delete_")):
            return ask

        def change(*words, **more):
            self._life.step()
            ask(*words, **more)
            self._diary.note(name, *words)
            self._life.step()

        return change


@dataclass
class Commits:
    """Makes a ledger's commits steps."""

    life: Life
    wrote: bool = field(default=False)

    def before(self, connection):
        if not READS & set(connection.get_execution_options()):
            self.life.step()
            self.wrote = True

    def after(self, *_):
        if self.wrote:
            self.wrote = False
            self.life.step()


def _work(world, kill_at):
    life, diary = Life(kill_at), Diary(world.diary)
    ledger = open_ledger(world.ledger_url)
    commits = Commits(life)
    event.listen(ledger, "commit", commits.before)
    event.listen(ledger, "checkin", commits.after)
    with Sandbox(spares=0) as sandbox:
        keeper = Gatekeeper(
            registry=Stepwise(MlflowRegistry(world.registry_url), life, diary),
            ledger=ledger,
            policies=lambda: load_policies(world.policies),
            sandbox=sandbox,
            channels=(diary,),
            ring=lambda _: None,
            now=lambda: datetime.now(UTC) + world.late,
            environ={},
            console_url="http://console.test",
            holder=f"worker {os.getpid()}",
            product="0",
        )
        while look(keeper):
            pass
        tell(keeper)
