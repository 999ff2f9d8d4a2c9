"""The talk with one model's process, step by step: rows in, statuses and answers out, each within its time.

Knows what may be believed (a state's name, a file of the right size) and whose fault each silence is.
Times are measured here, on the near side, and rows are handed over when they are asked for and not before: a
model that would look good by its clock has no other, and nothing to prepare.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from policies.sandbox_levels import SandboxLevel
from validation.answers import AnswerInvalid, Failed, Loaded, Run, Scored, Timed, read_answer
from validation.arrays import Floats, Table
from validation.casts import InputsInvalid
from validation.child import Child, Stopped
from validation.columns import column, give_back
from validation.confinement import Confinement, confinement_of, enough
from validation.feeding import Fed
from validation.limits import Limits
from validation.steadiness import other, samples, spread_of, told
from validation.targets import mark_of

EXAMPLE_ROWS = 5
WARM_UP = 5
"""Calls before the timed ones: first answers compile, allocate and fill caches."""
ENOUGH_S = 15.0
"""After so long no further call is timed."""
Batch: TypeAlias = pa.Table | pa.RecordBatch
Inputs: TypeAlias = pa.Table | Fed
"""Rows that a model is asked; those from disk are made batch by batch."""
_WHY = "its answers depend on the batch, on the order of rows, or on chance"


def converse(
    child: Child,
    model: Path,
    tables: Mapping[str, Inputs],
    limits: Limits,
    *,
    calls: Mapping[str, Sequence[pa.Table]],
    level: SandboxLevel = "limited",
) -> Run:
    """Load `model`, have it answer its example, all calls, all tables. OSError: scratch is not writable."""
    talk = Talk(child, limits, level)
    loaded = talk.load(model)
    if isinstance(loaded, Failed):
        return Run.failed(loaded, tables, calls)
    example = talk.example(loaded, next(iter(tables.values()), None))
    timings = {name: talk.time(several) for name, several in calls.items()}
    scores = {name: talk.ask(table, f"'{name}'", loaded) for name, table in tables.items()}
    return Run(example, _trusted(talk, tables, scores), timings, child.memory_bytes)


def _trusted(
    talk: "Talk", tables: Mapping[str, Inputs], scores: Mapping[str, Scored | Failed]
) -> Mapping[str, Scored | Failed]:
    """The scores, if some rows of the largest table get the same answers again; else none are believed."""
    scored = {name: each for name, each in scores.items() if isinstance(each, Scored)}
    if not scored:
        return scores
    largest = max(scored, key=lambda name: tables[name].num_rows)
    unsteady = talk.unsteady(tables[largest], f"'{largest}'", scored[largest].predictions)
    return scores if unsteady is None else {**scores, **dict.fromkeys(scored, unsteady)}


def confinement(child: Child, limits: Limits) -> Confinement:
    """What a process says of itself before any model is in it. Raises Stopped."""
    said = child.wait(["ready"], limits.start_s, f"no process was ready within {limits.start_s:g} s")
    return confinement_of(said["measures"])


class _Raised(Exception):
    """One step failed inside the model; the process may still answer the next."""


class _Unclear(_Raised):
    """The model answered, and which class it meant only its policy could say."""


class _Ended(Stopped):
    """The process told what ended it."""


class _Newer(Stopped):
    """The process has an MLflow that is older than the model."""


class Talk:
    """One question after the other. Once the process is over, every step fails alike."""

    def __init__(self, child: Child, limits: Limits, level: SandboxLevel) -> None:
        self._child = child
        self._limits = limits
        self._level = level
        self._over: Stopped | None = None
        self._asked = 0

    def load(self, model: Path) -> float | Failed:
        """Seconds. A process that was not ready for any model is the surroundings' failure."""
        limit = self._limits.load_s
        try:
            found = confinement(self._child, self._limits).level
            if not enough(found, self._level):
                demanded = f"its policy demands the sandbox level '{self._level}', and here it is '{found}'"
                return Failed(f"was not run: {demanded}; gatehouse doctor says why", "surroundings")
            self._child.begin_memory()
            self._child.give({"load": str(self._child.bring(model))})
        except Stopped as stopped:
            return Failed(f"could not be run: {stopped}", "surroundings")
        began = time.monotonic()
        try:
            self._heard(["loaded"], limit, f"did not load within {limit:g} s")
        except _Newer as newer:
            advice = "log it with that one, or give the workers the later one"
            return Failed(f"could not be loaded: {newer}; {advice}", "surroundings")
        except _Ended as ended:
            return Failed(f"could not be loaded: it {ended}")
        except (_Raised, Stopped) as error:
            return Failed(str(error))
        return time.monotonic() - began

    def example(self, load_s: float, table: Inputs | None) -> Loaded | Failed:
        """Its own input example, or else the first rows of a table, if there is one."""
        limit = self._limits.predict_s
        inputs = None
        if table is not None:
            inputs = self._written(next(iter(table.to_batches())).slice(0, EXAMPLE_ROWS), "example")
        try:
            late = f"did not answer within {limit:g} s when it was first asked"
            state = self._step({"inputs": inputs}, ["answered", "silent"], limit, late=late)
        except _Raised as raised:
            return Failed(f"loaded, and did not answer when it was first asked: it {raised}")
        except Stopped as stopped:
            return Failed(str(stopped))
        return Loaded(load_s, answered=state == "answered")

    def ask(self, table: Inputs, what: str, load_s: float) -> Scored | Failed:
        """One prediction for each row, batch by batch, all of them within the time for one data set."""
        try:
            answers, seconds = self._all(table, what)
        except InputsInvalid as invalid:
            return Failed(f"cannot be fed from {what}: {invalid}", invalid.fault)
        except _Unclear as unclear:
            advice = "write classes: [...] in the data set, in the order of the model's columns"
            return Failed(f"{unclear}, so which class is meant cannot be known: {advice}", "surroundings")
        except (_Raised, Stopped, AnswerInvalid) as error:
            return Failed(str(error))
        return Scored(answers, load_s, seconds)

    def _all(self, table: Inputs, what: str) -> tuple[Floats | Table, float]:
        """What a table was answered with, and in how many seconds."""
        answers, done, seconds = None, 0, 0.0
        for batch in table.to_batches():
            answer, took = self._answer(batch, what, within_s=self._limits.predict_s - seconds)
            if answers is None:
                answers = column(table.num_rows, *answer.shape[1:])
            if answers.shape[1:] != answer.shape[1:]:
                raise AnswerInvalid(f"answered some rows of {what} with more figures than others")
            answers[done : done + len(answer)] = answer
            give_back(answers)
            done, seconds = done + len(answer), seconds + took
        assert answers is not None
        return answers, seconds

    def unsteady(self, table: Inputs, what: str, before: Floats) -> Failed | None:
        """Ask for some rows again; what is wrong if the answers are others."""
        for rows in samples(table.num_rows):
            again = self.ask(table.take(rows), f"some rows of {what} again", 0.0)
            if isinstance(again, Failed):
                return Failed(f"was asked for some rows of {what} again, and {again.reason}", again.fault)
            place = other(again.predictions, before[rows], spread_of(before))
            if place is not None:
                both = f"{told(before[rows][place])}, and then {told(again.predictions[place])}"
                among = "alone" if len(rows) == 1 else f"among {len(rows)} in another order"
                return Failed(f"answered row {rows[place] + 1:,} of {what} with {both} {among}: {_WHY}")
        return None

    def time(self, tables: Sequence[pa.Table]) -> Timed | Failed:
        """Each table once, in turn; those for warming up are answered, and left out."""
        seconds, answers = [], []
        began = time.monotonic()
        try:
            for table in tables:
                answer, took = self._answer(table, "a timed call", timed=True)
                seconds.append(took)
                answers.append(answer)
                if time.monotonic() - began > ENOUGH_S:
                    break
        except (_Raised, Stopped, AnswerInvalid) as error:
            return Failed(str(error))
        return Timed(np.array(seconds[WARM_UP:]), answers)

    def _answer(
        self, batch: Batch, what: str, *, timed: bool = False, within_s: float | None = None
    ) -> tuple[Floats, float]:
        """The predictions, and how long they took: from before the rows are there until all is said."""
        limit = self._limits.predict_s
        answer = self._child.home / f"answer-{self._asked}.f64"
        began = time.monotonic()
        inputs = self._written(batch, f"inputs-{self._asked}")
        self._asked += 1
        classes = mark_of(batch)
        step = {"inputs": inputs, "answer": str(answer), "classes": classes, "timed": timed}
        late = f"did not answer {what} within {limit:g} s"
        self._step(step, ["scored"], limit if within_s is None else within_s, late=late)
        columns = len(classes["names"]) if classes else None
        predictions = read_answer(answer, batch.num_rows, columns)
        seconds = time.monotonic() - began
        for path in (Path(inputs), answer):
            path.unlink(missing_ok=True)  # of many batches, only one lies there at a time
        return predictions, seconds

    def _written(self, batch: Batch, name: str) -> str:
        inputs = self._child.scratch / f"{name}.arrow"
        with pa.OSFile(str(inputs), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
            writer.write(batch)
        inputs.chmod(0o644)
        return str(inputs)

    def _step(self, step: Mapping[str, Any], expected: Sequence[str], seconds: float, *, late: str) -> str:
        """The state it reached. Raises _Raised or Stopped."""
        if self._over:
            raise self._over
        try:
            self._child.give(step)
        except Stopped as stopped:
            self._over = stopped
            raise
        return self._heard(expected, seconds, late)

    def _heard(self, expected: Sequence[str], seconds: float, late: str) -> str:
        try:
            said = self._child.wait(
                [*expected, "raised", "unfit", "unclear", "ended", "newer"], seconds, late
            )
            state, error = str(said["state"]), str(said.get("error"))[:500]
            if state == "newer":
                raise _Newer(error)
            if state == "ended":
                raise _Ended(f"raised {error}")
        except Stopped as stopped:
            self._over = stopped
            raise
        self._child.note_memory()
        if state == "unclear":
            raise _Unclear(error)
        if state not in expected:
            raise _Raised(error if state == "unfit" else f"raised {error}")
        return state
