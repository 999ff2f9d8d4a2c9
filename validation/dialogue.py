"""The talk with one child: inputs in, statuses and answers out, each within its time.

Knows what may be believed (a state's name, a file of the right size) and whose fault each silence is.
Times are measured here, on the near side.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from policies.sandbox_levels import SandboxLevel
from validation.answers import AnswerInvalid, Failed, Loaded, Run, Scored, read_answer
from validation.child import Child, Stopped
from validation.confinement import Confinement, confinement_of, enough
from validation.limits import Limits


def converse(
    child: Child, model: Path, tables: Mapping[str, pa.Table], limits: Limits, level: SandboxLevel = "limited"
) -> Run:
    """Load `model`, have it answer its example and every table. OSError: scratch cannot be written."""
    try:
        found = confinement(child, limits).level
        if not enough(found, level):
            demanded = f"its policy demands the sandbox level '{level}', and here it is '{found}'"
            lacking = Failed(f"was not run: {demanded}; gatehouse doctor says why", "surroundings")
            return Run.failed(lacking, tables)
        child.give(_job(child, model, tables))
    except Stopped as stopped:
        return Run.failed(Failed(f"could not be run: {stopped}", "surroundings"), tables)
    talk = _Talk(child, limits)
    load_s = talk.load()
    if isinstance(load_s, Failed):
        return Run.failed(load_s, tables)
    loading = talk.example(load_s)
    return Run(loading, {name: talk.score(name, table, load_s) for name, table in tables.items()})


def confinement(child: Child, limits: Limits) -> Confinement:
    """What a process says of itself before any model is in it. Raises Stopped."""
    said = child.wait(["ready"], limits.start_s, f"no process was ready within {limits.start_s:g} s")
    return confinement_of(said["measures"])


def _job(child: Child, model: Path, tables: Mapping[str, pa.Table]) -> dict[str, object]:
    """Write the inputs down and name the places of the answers."""
    written = []
    for place, table in enumerate(tables.values()):
        inputs = child.scratch / f"inputs-{place}.arrow"
        with pa.OSFile(str(inputs), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        inputs.chmod(0o644)
        written.append({"inputs": str(inputs), "answer": str(child.home / f"answer-{place}.f64")})
    return {"model": str(child.bring(model)), "tables": written}


class _Raised(Exception):
    """One step failed inside the model; the process may still answer the next."""


class _Ended(Stopped):
    """The process told what ended it."""


class _Talk:
    """What is said after the job is given. Once the process is over, every step fails alike."""

    def __init__(self, child: Child, limits: Limits) -> None:
        self._child = child
        self._limits = limits
        self._over: Stopped | None = None
        self._scored = 0

    def load(self) -> float | Failed:
        """Seconds."""
        limit = self._limits.load_s
        try:
            return self._step(["loaded"], limit, f"did not load within {limit:g} s")[1]
        except _Ended as ended:
            return Failed(f"could not be loaded: it {ended}")
        except (_Raised, Stopped) as error:
            return Failed(str(error))

    def example(self, load_s: float) -> Loaded | Failed:
        limit = self._limits.predict_s
        try:
            state, _ = self._step(
                ["answered", "silent"], limit, f"did not answer within {limit:g} s when it was first asked"
            )
        except _Raised as raised:
            return Failed(f"loaded, and did not answer when it was first asked: it {raised}")
        except Stopped as stopped:
            return Failed(str(stopped))
        return Loaded(load_s, answered=state == "answered")

    def score(self, name: str, table: pa.Table, load_s: float) -> Scored | Failed:
        limit = self._limits.predict_s
        answer = self._child.home / f"answer-{self._scored}.f64"
        self._scored += 1
        try:
            _, seconds = self._step(["scored"], limit, f"did not answer '{name}' within {limit:g} s")
            return Scored(read_answer(answer, table.num_rows), load_s, seconds)
        except (_Raised, Stopped, AnswerInvalid) as error:
            return Failed(str(error))

    def _step(self, expected: Sequence[str], seconds: float, late: str) -> tuple[str, float]:
        """The state it reached, and after how many seconds. Raises _Raised or Stopped."""
        if self._over:
            raise self._over
        began = time.monotonic()
        try:
            said = self._child.wait([*expected, "raised", "unfit", "ended"], seconds, late)
            state, error = said["state"], str(said.get("error"))[:500]
            if state == "ended":
                raise _Ended(f"raised {error}")
        except Stopped as stopped:
            self._over = stopped
            raise
        if state not in expected:
            raise _Raised(error if state == "unfit" else f"raised {error}")
        return state, time.monotonic() - began
