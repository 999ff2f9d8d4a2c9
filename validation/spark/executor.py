"""Runs in Spark's own Python processes: has rows scored by models in that host's sandbox.

The code of models never runs here. What goes out for each row is its target, both predictions, its day and
the columns that it is sliced by; or, where a model failed, the sentence why.
"""

import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pyarrow as pa

from policies.sandbox_levels import SandboxLevel
from registry.words import Signature
from validation.addresses import HoldoutInvalid
from validation.answers import Failed
from validation.arrays import Floats, Integers
from validation.casts import InputsInvalid
from validation.dialogue import Talk
from validation.inputs import feed
from validation.judged import days_of
from validation.limits import Limits
from validation.sandbox import Sandbox
from validation.targets import TargetInvalid, read_target

FILE, ROW = "gatehouse_file", "gatehouse_row"
"""Columns beside the data set's own: which file a row is of, and its number there."""
SCORED = (
    "place long, target double, day long, candidate double, champion double, who string, why string, "
    "fault string"
)
_SCORED = pa.schema(
    {"place": pa.int64(), "target": pa.float64(), "day": pa.int64()}
    | dict.fromkeys(("candidate", "champion"), pa.float64())
    | dict.fromkeys(("who", "why", "fault"), pa.string())
)
HOLDOUT = "holdout"
"""Whose failure it is, if it is no model's."""


@dataclass(frozen=True)
class Asked:
    """What is to be done with rows; values only."""

    name: str
    shown: str
    target: str
    day: str | None
    starts: Mapping[str, int]
    sliced_by: tuple[str, ...]
    models: Mapping[str, tuple[str, Signature | None]]
    """By who it is: the name of the archive with its files, and what it takes."""
    limits: Limits
    level: SandboxLevel
    fields: str
    """Of what goes out, in Spark's words."""

    def schema(self, rows: pa.Schema) -> pa.Schema:
        """The same in Arrow's, given that of the data set's rows."""
        sliced = (pa.field(f"slice_{n}", rows.field(name).type) for n, name in enumerate(self.sliced_by))
        return pa.schema([*_SCORED, *sliced])


class _Out(Exception):
    """A failure that is told instead of further rows."""

    def __init__(self, who: str, failed: Failed) -> None:
        super().__init__()
        self.who, self.failed = who, failed


def scored(
    asked: Asked, archive: Callable[[str], Path], batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Rows of one task; models are loaded with the first of them, each in a process used for this task."""
    with ExitStack() as stack:
        models = _Models(asked, archive, stack)
        for batch in batches:
            if not batch.num_rows:
                continue
            frame = batch.to_pandas()
            frame.index = pd.Index(_starts(asked, frame[FILE]) + frame[ROW].to_numpy(dtype=np.int64))
            try:
                yield from _batch(asked, models, frame, batch)
            except _Out as out:
                yield _told(asked.schema(batch.schema), int(frame.index[0]), out.who, out.failed)
                return


def _starts(asked: Asked, files: pd.Series) -> Integers:
    """The place of each row's file. Spark may tell its name as it stands in a URL."""
    names = {name: asked.starts.get(name, asked.starts.get(unquote(name))) for name in files.unique()}
    return files.map(names).to_numpy(dtype=np.int64)


def _batch(
    asked: Asked, models: "_Models", frame: pd.DataFrame, batch: pa.RecordBatch
) -> Iterator[pa.RecordBatch]:
    schema = asked.schema(batch.schema)
    try:
        target = _figures(frame[asked.target])
        kept = np.isfinite(target)
        frame = frame[kept]
        days = None if asked.day is None else days_of(frame[asked.day], asked.shown)
    except TargetInvalid as invalid:
        raise _Out(HOLDOUT, Failed(f"{asked.shown}: {invalid}", "surroundings")) from invalid
    except HoldoutInvalid as invalid:
        raise _Out(HOLDOUT, Failed(str(invalid), "surroundings")) from invalid
    if not len(frame):
        return
    answers = {
        who: models.answers(who, frame.drop(columns=[asked.target, FILE, ROW])) for who in asked.models
    }
    for who, failed in models.news():
        yield _told(schema, int(frame.index[0]), who, failed)
    known = {"place": frame.index.to_numpy(), "target": target[kept], **answers}
    if days is not None:
        known["day"] = days
    figures = [
        pa.array(known[field.name]) if field.name in known else pa.nulls(len(frame), field.type)
        for field in _SCORED
    ]
    sliced = [batch.column(name).filter(pa.array(kept)) for name in asked.sliced_by]
    yield pa.RecordBatch.from_arrays([*figures, *sliced], schema=schema)


def _figures(column: pd.Series) -> Floats:
    target, classes = read_target(column, None)
    if classes is not None:
        raise TargetInvalid(f"the target '{column.name}' holds texts, and classes are not judged on Spark")
    return target


def _told(schema: pa.Schema, place: int, who: str, failed: Failed) -> pa.RecordBatch:
    told = {"place": place, "who": who, "why": failed.reason, "fault": failed.fault}
    return pa.RecordBatch.from_pylist([told], schema=schema)


class _Models:
    """The models of one task. A champion that failed is asked no more; a candidate's ends the task."""

    def __init__(self, asked: Asked, archive: Callable[[str], Path], stack: ExitStack) -> None:
        self._asked, self._archive, self._stack = asked, archive, stack
        self._sandbox: Sandbox | None = None
        self._talks: dict[str, Talk | Failed] = {}
        self._tried: set[str] = set()
        self._news: list[tuple[str, Failed]] = []

    def answers(self, who: str, inputs: pd.DataFrame) -> Floats:
        """One figure a row; NaN of a champion that failed."""
        found = self._answers(who, inputs)
        if not isinstance(found, Failed):
            return found
        if who == "candidate":
            raise _Out(who, found)
        if self._talks.get(who) is not found:
            self._news.append((who, found))
            self._talks[who] = found
        return np.full(len(inputs), np.nan)

    def news(self) -> Sequence[tuple[str, Failed]]:
        """Failures not told yet."""
        told, self._news = self._news, []
        return told

    def _answers(self, who: str, inputs: pd.DataFrame) -> Floats | Failed:
        if who not in self._talks:
            self._talks[who] = self._opened(who)
        talk, what = self._talks[who], f"'{self._asked.name}'"
        if isinstance(talk, Failed):
            return talk
        try:
            fed = feed(inputs, self._asked.models[who][1])
        except InputsInvalid as invalid:
            return Failed(f"cannot be fed from {what}: {invalid}", invalid.fault)
        found = talk.ask(fed, what, 0.0)
        if isinstance(found, Failed):
            return found
        if found.predictions.ndim > 1:
            return Failed(f"gave {found.predictions.shape[1]} figures a row, and this is of one")
        if who not in self._tried:
            self._tried.add(who)
            if (unsteady := talk.unsteady(fed, what, found.predictions)) is not None:
                return unsteady
        return found.predictions

    def _opened(self, who: str) -> Talk | Failed:
        if self._sandbox is None:
            self._sandbox = self._stack.enter_context(Sandbox(spares=0, limits=self._asked.limits, threads=1))
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="gatehouse-")))
        with tarfile.open(self._archive(self._asked.models[who][0])) as files:
            files.extractall(folder, filter="tar")
        return self._sandbox.opened(self._stack, folder, self._asked.level)
