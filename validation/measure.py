"""Answers needs with findings: reads the data sets, runs candidate and champion on the same rows, measures.

The order is files, data, runs, findings; the models' code runs in the sandbox, everything else here. Any
failure is a `Gap` under its need's key, and costs no other need.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from policies.evidence.gap import Gap
from policies.evidence.kinds import Finding
from policies.evidence.loading import LoadNeed
from policies.evidence.need import DataNeed, Need
from policies.evidence.scan import Scan, ScanNeed
from policies.evidence.team_tests import TeamTestsNeed
from policies.sandbox_levels import SandboxLevel
from registry.words import Signature
from validation.addresses import HoldoutInvalid
from validation.answers import Failed, Run
from validation.casts import InputsInvalid
from validation.exam import Answers
from validation.feeding import Fed
from validation.holdout import Holdout
from validation.measuring.kinds import OF_FILES, calls_of, finding_of, of_files, tables_of
from validation.measuring.large import large_findings
from validation.measuring.scores import Scores, Unmeasured
from validation.measuring.team_tests import team_tests
from validation.recall import Recall
from validation.rows import Rows
from validation.sandbox import Sandbox
from validation.spark.engine import far_findings
from validation.spark.far import FarHoldout
from validation.spark.job import ModelAsked
from validation.targets import Classes
from validation.trained_on import TrainedOn

HoldoutSource = Callable[[], Holdout | FarHoldout]
"""Reads a data set when it is needed; raises HoldoutInvalid."""


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


def measure(  # noqa: PLR0913 what is measured, and under which conditions, each by its name
    needs: Sequence[Need],
    candidate: ModelFiles,
    champion: ModelFiles | None,
    datasets: Mapping[str, HoldoutSource],
    *,
    sandbox: Sandbox,
    level: SandboxLevel = "limited",
    env: Literal["worker", "model"] = "worker",
    show: Callable[[Scores], None] = lambda _: None,
) -> tuple[dict[str, Finding], dict[str, str]]:
    """Findings by need key, and the digest of every data set that was read, by name.

    No model is run where the sandbox does not give the `level`, and no champion whose answers it has kept; in
    which `env`, the policy says. All that was scored is shown to `show`, once, before it is forgotten.
    """
    found = {n.key: of_files(n, candidate.path, sandbox) for n in needs if type(n) in OF_FILES}
    rest = [need for need in needs if need.key not in found]
    if why := _unsafe(needs, found):
        return found | {need.key: why for need in rest}, {}
    data = _read(rest, datasets)
    exams = [need for need in rest if isinstance(need, TeamTestsNeed)]
    scored = [need for need in rest if need not in exams]
    found |= _far(scored, candidate, champion, data, sandbox, level)
    scored = [need for need in scored if need.key not in found]
    rows = {name: holdout for name, holdout in data.items() if isinstance(holdout, Holdout)}
    recall = Recall(sandbox.kept, rows, sandbox.python) if sandbox.kept and env == "worker" else None
    chosen: dict[str, Any] = {"level": level} | ({} if env == "worker" else {"env": env})
    run = partial(_run, partial(sandbox.run, **chosen))
    scores = _scored(scored, candidate, champion, data, run, recall) if scored else None
    if scores is not None:
        found |= large_findings(scored, scores)
        found |= {need.key: finding_of(need, scores) for need in scored if need.key not in found}
        show(scores)
    for need in exams:
        models = {"candidate": candidate} | ({"champion": champion} if champion else {})
        doors = {
            name: sandbox.answering(files.path, files.signature, level, env) for name, files in models.items()
        }
        found[need.key] = _examined(need, data[need.dataset], doors, sandbox)
    return found, {name: read.digest for name, read in data.items() if not isinstance(read, Gap)}


def _here(found: Holdout | FarHoldout | Gap) -> Holdout | Gap:
    """A hold-out on Spark has no rows here."""
    if isinstance(found, FarHoldout):
        return Gap(reason=f"the rows of '{found.name}' are on Spark")
    return found


def _far(
    needs: Sequence[Need],
    candidate: ModelFiles,
    champion: ModelFiles | None,
    data: Mapping[str, Holdout | FarHoldout | Gap],
    sandbox: Sandbox,
    level: SandboxLevel,
) -> dict[str, Finding]:
    """What is asked of data sets on Spark."""
    models = {"candidate": candidate} | ({"champion": champion} if champion else {})
    asked = {who: ModelAsked(files.path, files.signature) for who, files in models.items()}
    found: dict[str, Finding] = {}
    for name, far in data.items():
        if isinstance(far, FarHoldout):
            mine = [need for need in needs if isinstance(need, DataNeed) and need.dataset == name]
            found |= far_findings(mine, asked, far, sandbox.limits, level) if mine else {}
    return found


def _unsafe(needs: Sequence[Need], found: Mapping[str, Finding]) -> Gap | None:
    """Why the candidate must not be loaded, if so."""
    blocking = [need for need in needs if isinstance(need, ScanNeed) and need.blocking]
    for finding in (found[need.key] for need in blocking):
        if isinstance(finding, Gap):
            return Gap(reason=f"the candidate was not loaded: {finding.reason}", fault=finding.fault)
        if isinstance(finding, Scan) and finding.threats:
            first = finding.threats[0]
            reason = f"the candidate was not loaded: {first.where} {first.what}"
            return Gap(reason=reason, fault="candidate")
    return None


def _scored(
    needs: Sequence[Need],
    candidate: ModelFiles,
    champion: ModelFiles | None,
    data: Mapping[str, Holdout | FarHoldout | Gap],
    run: Callable[[ModelFiles, "Asked"], Run],
    recall: Recall | None,
) -> Scores:
    """Everything that one run of each model answers."""
    rows = {name: holdout for name, holdout in data.items() if isinstance(holdout, Holdout)}
    asked = _asked(rows, needs)
    held_against = {need.dataset for need in needs if need.against_champion and isinstance(need, DataNeed)}
    # While a model is timed, no other runs beside it.
    with ThreadPoolExecutor(1 if asked.calls else 2) as pool:
        ours = pool.submit(run, candidate, asked)
        theirs = None
        if champion and held_against:
            names = [name for name in rows if name in held_against]
            theirs = pool.submit(_answers, champion, names, rows, run, recall)
        if recall:
            recall.keep(candidate.path, ours.result())
        return Scores(
            {name: _here(each) for name, each in data.items()},
            ours.result(),
            theirs.result() if theirs else None,
            takes=candidate.takes,
            trained_on=candidate.trained_on,
        )


def _answers(
    champion: ModelFiles,
    names: Collection[str],
    rows: Mapping[str, Holdout],
    run: Callable[[ModelFiles, "Asked"], Run],
    recall: Recall | None,
) -> Run:
    """The champion's answers to data sets; it is run for what nobody remembers."""

    def ask(names: Collection[str]) -> Run:
        tables = {name: rows[name].inputs for name in names}
        return run(champion, Asked(tables, {name: rows[name].classes for name in names}))

    return recall.answers(champion.path, names, ask) if recall else ask(names)


def _examined(
    need: TeamTestsNeed,
    holdout: Holdout | FarHoldout | Gap,
    doors: Mapping[str, AbstractContextManager[Answers]],
    sandbox: Sandbox,
) -> Finding:
    if isinstance(holdout, Gap):
        return holdout
    if isinstance(holdout, FarHoldout):
        return Gap(reason=f"a team's tests are not run on Spark, where '{holdout.name}' lies")
    try:
        with ExitStack() as stack:
            models = {name: stack.enter_context(door) for name, door in doors.items()}
            return team_tests(need, holdout, models, sandbox)
    except Unmeasured as unmeasured:
        return unmeasured.gap


def _read(
    needs: Sequence[Need], datasets: Mapping[str, HoldoutSource]
) -> dict[str, Holdout | FarHoldout | Gap]:
    """The data sets asked for; if only loading is, the first one: a model without example needs rows."""
    asked = [need.dataset for need in needs if isinstance(need, DataNeed)]
    names = asked or ([*datasets][:1] if needs else [])
    return {name: _read_one(name, datasets) for name in dict.fromkeys(names)}


def _read_one(name: str, datasets: Mapping[str, HoldoutSource]) -> Holdout | FarHoldout | Gap:
    if name not in datasets:
        known = ", ".join(sorted(datasets)) or "none"
        return Gap(reason=f"no data set '{name}' was given; there are: {known}")
    try:
        return datasets[name]()
    except HoldoutInvalid as invalid:
        return Gap(reason=f"data set '{name}' could not be read: {invalid}")


@dataclass(frozen=True)
class Asked:
    """What a model is to answer: tables by name, and calls to be timed, by data set and places of rows.

    `classes` are those of each table's target.
    """

    tables: Mapping[str, Rows]
    classes: Mapping[str, Classes | None]
    calls: Mapping[str, tuple[str, Sequence[NDArray[np.int64]]]] = field(default_factory=dict)
    within_s: float | None = None


def _asked(rows: Mapping[str, Holdout], needs: Sequence[Need]) -> Asked:
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


def _run(run_model: Callable[..., Run], model: ModelFiles, asked: Asked) -> Run:
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
