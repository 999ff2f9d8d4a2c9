"""What a model is asked, and its asking: every table it is to answer, in one process of the sandbox."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from policies.evidence.loading import LoadNeed
from policies.evidence.need import DataNeed, Need
from registry.words import Signature
from validation.answers import Failed, Run
from validation.casts import InputsInvalid
from validation.feeding import Fed
from validation.holdout import Holdout
from validation.measuring.kinds import calls_of, tables_of
from validation.rows import Rows
from validation.targets import Classes
from validation.trained_on import TrainedOn


@dataclass(frozen=True)
class ModelFiles:
    """A fetched model: the folder of its MLmodel file, and its signature as the registry read it.

    `trained_on` is what its trainer logged of the training data, where a need asks for it.
    """

    path: Path
    signature: Signature | None
    trained_on: TrainedOn = field(default_factory=TrainedOn)

    @property
    def takes(self) -> frozenset[str]:
        """The names of its inputs, as far as they have any."""
        inputs = self.signature.inputs if self.signature else ()
        return frozenset(column.name for column in inputs if column.name is not None)


@dataclass(frozen=True)
class Asked:
    """What a model is to answer: tables by name, and calls to be timed, by data set and places of rows.

    `classes` are those of each table's target.
    """

    tables: Mapping[str, Rows]
    classes: Mapping[str, Classes | None]
    calls: Mapping[str, tuple[str, Sequence[NDArray[np.int64]]]] = field(default_factory=dict)
    within_s: float | None = None


def asked_of_all(rows: Mapping[str, Holdout], needs: Sequence[Need]) -> Asked:
    """Of the candidate: every data set as it is, and what single needs make of one."""
    tables = {name: holdout.inputs for name, holdout in rows.items()}
    classes = {name: holdout.classes for name, holdout in rows.items()}
    calls = {}
    for need in needs:
        if isinstance(need, DataNeed) and need.dataset in rows:
            tables |= tables_of(need, rows[need.dataset])
            classes |= dict.fromkeys(tables.keys() - classes.keys(), rows[need.dataset].classes)
            if timed := calls_of(need, rows[need.dataset]):
                calls[need.key] = (need.dataset, timed)
    within = max((need.within_s for need in needs if isinstance(need, LoadNeed)), default=None)
    return Asked(tables, classes, calls, within)


def ask(run_model: Callable[..., Run], model: ModelFiles, asked: Asked) -> Run:
    """One process for all of a model's answers; what it cannot be fed is told without asking it."""
    tables: dict[str, Fed] = {}
    unfed: dict[str, Failed] = {}
    for name, rows in asked.tables.items():
        try:
            tables[name] = Fed(rows, model.signature, asked.classes[name])
        except InputsInvalid as invalid:
            unfed[name] = Failed(f"cannot be fed from '{name}': {invalid}", invalid.fault)
    if not tables and asked.within_s is None:
        return Run(Failed("was not run: there was nothing to ask it", "surroundings"), unfed)
    calls = {key: _calls(tables[name], timed) for key, (name, timed) in asked.calls.items() if name in tables}
    run = run_model(model.path, tables, calls=calls, load_limit_s=asked.within_s)
    untimed = {key: unfed[name] for key, (name, _) in asked.calls.items() if name in unfed}
    answered = {**run.scores, **unfed}
    return Run(run.loading, answered, {**run.timings, **untimed}, run.memory_bytes)


def _calls(fed: Fed, timed: Sequence[NDArray[np.int64]]) -> list[pa.Table]:
    """The rows of all calls are looked for at once, then dealt out."""
    ends = np.cumsum([len(rows) for rows in timed])
    table = fed.take(np.concatenate(timed))
    return [table.slice(end - len(rows), len(rows)) for end, rows in zip(ends, timed, strict=True)]
