"""The story: a first version, a worse one, a better one; told from the ledger, checked against MLflow."""

import os
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine

from gatehouse.demo.narrator import Narrator
from gatehouse.demo.trainer import StoryFailed, consumer_environ, run
from gatehouse.stack.local import LocalStack
from ledger import actions, judgements, outbox
from ledger.engine import open_ledger, reading
from ledger.history import Entry, timeline
from ledger.judgements import Judgement
from notifications.message import Message
from policies.verdicts import Answer
from registry.port import Registry
from registry.words import Stage

MODEL = "taxi-fare"
REVIEWER = "grace"
PATIENCE_S = 120.0
FIRST = ("--model", "linear", "--seed", "1")
WORSE = ("--model", "default", "--rows", "300", "--epochs", "5", "--batch-size", "32", "--seed", "1")
BETTER = ("--model", "default", "--seed", "1")
UNFINISHED = {"planned", "waiting"}
"""Told when they are done."""
DEAD_ENDS = {
    Answer.PROMOTE: {Answer.REJECT},
    Answer.REJECT: {Answer.PROMOTE, Answer.ASK},
    Answer.ASK: {Answer.PROMOTE, Answer.REJECT},
}
"""By the answer that the story needs: those after which it cannot come any more."""
EXPECTED = {1: Stage.ARCHIVED, 2: Stage.ARCHIVED, 3: Stage.PRODUCTION}


class Story:
    """Everything the chapters need: a running stack, the trips, the registry as MLflow itself tells it."""

    def __init__(self, stack: LocalStack, trips: Path, registry: Registry, narrator: Narrator) -> None:
        self._stack = stack
        self._trips = trips
        self._registry = registry
        self._narrator = narrator
        self._ledger: Engine = open_ledger(stack.site.settings["GATEHOUSE_LEDGER_URL"])
        self._environ = consumer_environ(stack.site.registry_url)
        self._told: set[Entry] = set()

    def tell(self) -> None:
        """All chapters. Raises StoryFailed where the gate does not do what the policy says."""
        self._first()
        self._worse()
        self._better()
        self._end()

    def _first(self) -> None:
        self._narrator.chapter("A trainer registers version 1, a straight line on the distance")
        self._train(1, FIRST)
        self._follow(1, Answer.PROMOTE)
        self._settled(1, Stage.PRODUCTION)
        self._consume()

    def _worse(self) -> None:
        self._narrator.chapter("Version 2: a network that has seen 300 trips, five times each")
        self._train(2, WORSE)
        judged = self._follow(2, Answer.REJECT)
        self._settled(2, Stage.ARCHIVED)
        self._narrator.say(f"Why: {judged.decision.reasons[0]}")

    def _better(self) -> None:
        self._narrator.chapter("Version 3: the network, trained until it stops getting better")
        self._train(3, BETTER)
        self._follow(3, Answer.ASK)
        self._show_message()
        self._narrator.chapter(f"A reviewer who did not make it approves: {REVIEWER}")
        command = ("approve", MODEL, "3", "--as", REVIEWER, "--comment", "clearly better")
        self._narrator.say(f"$ gatehouse {' '.join(command[:-1])} '{command[-1]}'")
        self._approve(command)
        self._follow(3, Answer.PROMOTE)
        self._settled(3, Stage.PRODUCTION)
        self._consume()

    def _end(self) -> None:
        self._narrator.chapter("What the registry says now, asked of MLflow itself")
        found = {version.version: version.stage for version in self._registry.versions(MODEL)}
        for version, stage in sorted(found.items()):
            self._narrator.say(f"{MODEL} {version}: {stage}")
        if found != EXPECTED:
            raise StoryFailed(f"the registry should say {_plain(EXPECTED)}, and says {_plain(found)}")
        if "champion" not in self._registry.version(MODEL, 3).aliases:
            raise StoryFailed("the alias 'champion' should point at version 3")

    def entries(self) -> list[Entry]:
        """The whole timeline."""
        with reading(self._ledger) as session:
            return timeline(session, MODEL)

    def _train(self, version: int, options: tuple[str, ...]) -> None:
        words = ("--data", str(self._trips), "--owner", "pricing", "--author", "ada", *options)
        self._narrator.say(f"$ python -m training.train {' '.join(options)} ...")
        with self._narrator.working(f"training version {version}"):
            said = run("training.train", *words, say=self._narrator.say, environ=self._environ)
        if said.split()[-1:] != [str(version)]:
            raise StoryFailed(f"the trainer should have registered version {version}, and said: {said}")

    def _consume(self) -> None:
        self._narrator.say(f"The consumer, unchanged: load_model('models:/{MODEL}/Production')")
        words = ("--data", str(self._trips / "holdout.parquet"), "--rows", "3")
        run("training.predict", *words, say=self._narrator.say, environ=self._environ)

    def _approve(self, command: tuple[str, ...]) -> None:
        environ = os.environ | self._stack.site.settings
        program = (sys.executable, "-c", "from gatehouse.cli import main; main()")
        done = subprocess.run(  # noqa: S603 our own command line
            [*program, *command], env=environ, capture_output=True, text=True, check=False
        )
        for line in (done.stdout + done.stderr).splitlines():
            self._narrator.say(f"  {line}")
        if done.returncode:
            raise StoryFailed(f"the approval was not taken (exit code {done.returncode})")

    def _follow(self, version: int, wanted: Answer) -> Judgement:
        """Tell what happens to a version, as it happens, until this answer on its way to Production."""
        deadline = time.monotonic() + PATIENCE_S
        judged = None
        while time.monotonic() < deadline:
            self._stack.check()
            judged = self._catch_up(version)
            if judged is not None and _goes_up(judged) and judged.decision.answer is wanted:
                return judged
            if judged is not None and is_dead_end(judged, wanted):
                raise StoryFailed(
                    f"version {version} should have been told {wanted}, and was {_said(judged)}"
                )
            time.sleep(0.1)
        last = f"the last word was {_said(judged)}" if judged else "nothing was decided"
        raise StoryFailed(f"version {version} was not told {wanted} within {PATIENCE_S:.0f} s: {last}")

    def _settled(self, version: int, stage: Stage) -> None:
        """Wait until every step is done, and MLflow itself says so."""
        deadline = time.monotonic() + PATIENCE_S
        while self._planned(version) or self._registry.version(MODEL, version).stage is not stage:
            if time.monotonic() > deadline:
                raise StoryFailed(f"version {version} did not reach {stage} in {PATIENCE_S:.0f} s")
            time.sleep(0.1)
        self._catch_up(version)

    def _planned(self, version: int) -> bool:
        with reading(self._ledger) as session:
            judged = judgements.latest(session, MODEL, version)
            return judged is not None and bool(actions.planned(session, judged.id))

    def _show_message(self) -> None:
        with reading(self._ledger) as session:
            newest = outbox.messages(session, model=MODEL, limit=1)
        self._narrator.message(Message.model_validate_json(newest[0].message))

    def _catch_up(self, version: int) -> Judgement | None:
        with reading(self._ledger) as session:
            entries = timeline(session, MODEL, version)
            judged = judgements.latest(session, MODEL, version)
        for entry in entries:
            if entry not in self._told and entry.outcome not in UNFINISHED:
                self._told.add(entry)
                self._narrator.entry(entry)
        return judged


def _goes_up(judged: Judgement) -> bool:
    return judged.evaluation.transition.to_stage is Stage.PRODUCTION


def is_dead_end(judged: Judgement, wanted: Answer) -> bool:
    """Whether the wanted answer cannot follow any more."""
    said = judged.decision.answer
    return said in DEAD_ENDS[wanted] if _goes_up(judged) else said is Answer.REJECT


def _said(judged: Judgement) -> str:
    return f"{judged.decision.answer}: {'; '.join(judged.decision.reasons)}"


def _plain(stages: dict[int, Stage]) -> str:
    return ", ".join(f"{version} {stage}" for version, stage in sorted(stages.items()))
