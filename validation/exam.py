"""An exam: a team's tests in one process, the models they ask in others, and we in between.

What comes back is counts and sentences, checked for their form. Tests are the team's own word, as the policy
is; it is the models that are not trusted, and none of their code runs where tests are counted.
"""

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from validation.answers import Failed, Scored
from validation.casts import InputsInvalid
from validation.child import Child, Stopped
from validation.limits import Limits
from validation.rows import Rows

TESTER = Path(__file__).with_name("tester.py")
EXAM_S = 300.0
"""For all tests of one file."""

Answers = Callable[[Rows], Scored | Failed]
"""A model that can be asked."""


@dataclass(frozen=True)
class Paper:
    """What is examined: the tests' text, the rows with their target, and the models by name.

    No model is given the column `target`, whatever its signature asks for.
    """

    name: str
    text: str
    holdout: Rows
    target: str
    models: Mapping[str, Answers]


@dataclass(frozen=True)
class Examined:
    """What became of the tests."""

    collected: int
    passed: int
    skipped: int
    failures: tuple[tuple[str, str], ...]


class _Odd(Exception):
    """What was said has not the form that it must have."""


def examine(child: Child, paper: Paper, limits: Limits) -> Examined | Failed:
    """Run the tests. Raises OSError if the scratch cannot be written."""
    try:
        ready = child.wait(["ready", "lacking"], limits.start_s, "was not ready in time")
        if ready["state"] == "lacking":
            return _ours("pytest is not installed in the sandbox's Python: install Gatehouse's worker extra")
        child.give(_job(child.scratch, paper))
        while True:
            said = child.wait(["asks", "tested"], EXAM_S, f"did not end within {EXAM_S:g} s")
            if said["state"] == "tested":
                return _examined(said)
            child.give(_reply(child, said, paper))
    except Stopped as stopped:
        return Failed(f"could not be tested by {paper.name}: its process {stopped}", "surroundings")
    except (_Odd, pa.ArrowInvalid, pa.ArrowTypeError) as odd:
        return _ours(f"{paper.name}: {odd}")


def _ours(reason: str) -> Failed:
    return Failed(f"could not be tested: {reason}", "surroundings")


def _job(scratch: Path, paper: Paper) -> dict[str, Any]:
    tests = scratch / Path(paper.name).name
    tests.write_text(paper.text, encoding="utf-8")
    holdout = scratch / "holdout.arrow"
    _write(paper.holdout, holdout)
    for path in (tests, holdout):
        path.chmod(0o644)
    return {"tests": str(tests), "holdout": str(holdout), "champion": "champion" in paper.models}


def _write(rows: Rows, path: Path) -> None:
    """Batch by batch, with the types that the first shows."""
    writer = None
    for frame in rows.frames():
        schema = writer.schema if writer else None
        table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
        writer = writer or pa.ipc.new_file(str(path), table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def _reply(child: Child, said: Mapping[str, Any], paper: Paper) -> dict[str, str]:
    """Ask the model that is meant, and put its answer where the tests can read it."""
    model, place = paper.models.get(str(said.get("model"))), Path(str(said.get("inputs"))).name
    if model is None:
        return {"error": "is not there to be asked"}
    with open(child.home / place, "rb", opener=_warily) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _Odd("the tests asked with something else than rows")
        frame = pa.ipc.open_file(file).read_all().to_pandas()
    try:
        scored = model(Rows.of(frame.drop(columns=paper.target, errors="ignore")))
    except InputsInvalid as invalid:
        return {"error": f"cannot be asked this: {invalid}"}
    if isinstance(scored, Failed):
        return {"error": scored.reason}
    if scored.predictions.ndim > 1:
        return {"error": f"gave {scored.predictions.shape[1]} figures a row, and tests are given one"}
    answer = child.scratch / f"{place}.answer"
    answer.write_bytes(scored.predictions.astype("<f8").tobytes())
    answer.chmod(0o644)
    return {"answer": str(answer)}


def _warily(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _examined(said: Mapping[str, Any]) -> Examined:
    counts = {key: said.get(key) for key in ("collected", "passed", "skipped")}
    failures = said.get("failures")
    whole = all(isinstance(count, int) and count >= 0 for count in counts.values())
    if not whole or not isinstance(failures, list):
        raise _Odd("its tests told nothing that could be counted")
    told = tuple((str(test)[:200], str(message)[:300]) for test, message in failures)
    return Examined(said["collected"], said["passed"], said["skipped"], told)
