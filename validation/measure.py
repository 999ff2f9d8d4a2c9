"""Answers needs with findings: reads the data sets, runs candidate and champion on the same rows, measures.

The order is data, runs, findings; the models' code runs in the sandbox, everything else here. Any failure is
a `Gap` under its need's key, and costs no other need.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa

from policies.evidence.gap import Gap
from policies.evidence.kinds import Finding
from policies.evidence.loading import LoadNeed
from policies.evidence.need import DataNeed, Need
from policies.sandbox_levels import SandboxLevel
from registry.words import Signature
from validation.answers import Failed, Run
from validation.casts import InputsInvalid
from validation.holdout import Holdout, HoldoutInvalid
from validation.inputs import feed
from validation.measuring.kinds import finding_of, tables_of
from validation.measuring.scores import Scores
from validation.sandbox import Sandbox

HoldoutSource = Callable[[], Holdout]
"""Reads a data set when it is needed; raises HoldoutInvalid."""


@dataclass(frozen=True)
class ModelFiles:
    """A fetched model: the folder of its MLmodel file, and its signature as the registry read it.

    `profile` is what its trainer logged of the training data, where a need asks for it and there is one.
    """

    path: Path
    signature: Signature | None
    profile: bytes | None = None

    @property
    def takes(self) -> frozenset[str]:
        """The names of its inputs, as far as they have any."""
        inputs = self.signature.inputs if self.signature else ()
        return frozenset(column.name for column in inputs if column.name is not None)


def measure(
    needs: Sequence[Need],
    candidate: ModelFiles,
    champion: ModelFiles | None,
    datasets: Mapping[str, HoldoutSource],
    *,
    sandbox: Sandbox,
    level: SandboxLevel = "limited",
) -> tuple[dict[str, Finding], dict[str, str]]:
    """Findings by need key, and the digest of every data set that was read, by name.

    No model is run where the sandbox does not give the `level`.
    """
    data = _read(needs, datasets)
    rows = {name: holdout for name, holdout in data.items() if isinstance(holdout, Holdout)}
    within = max((need.within_s for need in needs if isinstance(need, LoadNeed)), default=None)
    held_against = {need.dataset for need in needs if need.against_champion and isinstance(need, DataNeed)}
    run = partial(_run, sandbox=sandbox, level=level)
    with ThreadPoolExecutor(2) as pool:
        ours = pool.submit(run, candidate, _asked(rows, needs), within_s=within)
        theirs = None
        if champion and held_against:
            tables = {name: rows[name].inputs for name in rows if name in held_against}
            theirs = pool.submit(run, champion, tables)
        scores = Scores(
            data,
            ours.result(),
            theirs.result() if theirs else None,
            takes=candidate.takes,
            profile=candidate.profile,
        )
    digests = {name: holdout.digest for name, holdout in rows.items()}
    return {need.key: finding_of(need, scores) for need in needs}, digests


def _read(needs: Sequence[Need], datasets: Mapping[str, HoldoutSource]) -> dict[str, Holdout | Gap]:
    """The data sets asked for; if only loading is, the first one: a model without example needs rows."""
    asked = [need.dataset for need in needs if isinstance(need, DataNeed)]
    names = asked or ([*datasets][:1] if needs else [])
    return {name: _read_one(name, datasets) for name in dict.fromkeys(names)}


def _read_one(name: str, datasets: Mapping[str, HoldoutSource]) -> Holdout | Gap:
    if name not in datasets:
        known = ", ".join(sorted(datasets)) or "none"
        return Gap(reason=f"no data set '{name}' was given; there are: {known}")
    try:
        return datasets[name]()
    except HoldoutInvalid as invalid:
        return Gap(reason=f"data set '{name}' could not be read: {invalid}")


def _asked(rows: Mapping[str, Holdout], needs: Sequence[Need]) -> dict[str, pd.DataFrame]:
    """What the candidate is to answer: every data set as it is, and what single needs make of one."""
    tables = {name: holdout.inputs for name, holdout in rows.items()}
    for need in needs:
        if isinstance(need, DataNeed) and need.dataset in rows:
            tables |= tables_of(need, rows[need.dataset])
    return tables


def _run(
    model: ModelFiles,
    asked: Mapping[str, pd.DataFrame],
    *,
    sandbox: Sandbox,
    level: SandboxLevel,
    within_s: float | None = None,
) -> Run:
    """One process for all of a model's answers; what it cannot be fed is told without asking it."""
    tables: dict[str, pa.Table] = {}
    unfed: dict[str, Failed] = {}
    for name, frame in asked.items():
        try:
            tables[name] = feed(frame, model.signature)
        except InputsInvalid as invalid:
            unfed[name] = Failed(f"cannot be fed from '{name}': {invalid}", invalid.fault)
    if not tables and within_s is None:
        return Run(Failed("was not run: there was nothing to ask it", "surroundings"), unfed)
    run = sandbox.run(model.path, tables, load_limit_s=within_s, level=level)
    return Run(run.loading, {**run.scores, **unfed})
