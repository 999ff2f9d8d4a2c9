"""Answers needs with findings: reads the data sets, runs candidate and champion on the same rows, measures.

The order is data, runs, findings; the models' code runs in the sandbox, everything else here. Any failure is
a `Gap` under its need's key, and costs no other need.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from policies.evidence import ComparisonNeed, Finding, Gap, LoadNeed, MetricNeed, Need
from registry.words import Signature
from validation.answers import Failed, Run
from validation.casts import InputsInvalid
from validation.findings import Scores, finding_of_comparison, finding_of_loading, finding_of_metric
from validation.holdout import Holdout, HoldoutInvalid
from validation.inputs import feed
from validation.sandbox import Sandbox

HoldoutSource = Callable[[], Holdout]
"""Reads a data set when it is needed; raises HoldoutInvalid."""


@dataclass(frozen=True)
class ModelFiles:
    """A fetched model: the folder of its MLmodel file, and its signature as the registry read it."""

    path: Path
    signature: Signature | None


def measure(
    needs: Sequence[Need],
    candidate: ModelFiles,
    champion: ModelFiles | None,
    datasets: Mapping[str, HoldoutSource],
    *,
    sandbox: Sandbox,
) -> tuple[dict[str, Finding], dict[str, str]]:
    """Findings by need key, and the digest of every data set that was read, by name."""
    data = _read(needs, datasets)
    compared = champion if any(isinstance(need, ComparisonNeed) for need in needs) else None
    with ThreadPoolExecutor(2) as pool:
        ours = pool.submit(_run, candidate, data, needs, sandbox)
        theirs = pool.submit(_run, compared, _compared(data, needs), (), sandbox) if compared else None
        scores = Scores(data, ours.result(), theirs.result() if theirs else None)
    digests = {name: holdout.digest for name, holdout in data.items() if isinstance(holdout, Holdout)}
    return {need.key: _finding(need, scores) for need in needs}, digests


def _finding(need: Need, scores: Scores) -> Finding:
    match need:
        case LoadNeed():
            return finding_of_loading(scores)
        case MetricNeed():
            return finding_of_metric(need, scores)
        case ComparisonNeed():
            return finding_of_comparison(need, scores)


def _read(needs: Sequence[Need], datasets: Mapping[str, HoldoutSource]) -> dict[str, Holdout | Gap]:
    """The data sets asked for; if only loading is, the first one: a model without example needs rows."""
    asked = [need.dataset for need in needs if not isinstance(need, LoadNeed)]
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


def _compared(data: Mapping[str, Holdout | Gap], needs: Sequence[Need]) -> dict[str, Holdout | Gap]:
    """The champion answers only what it is compared on."""
    names = {need.dataset for need in needs if isinstance(need, ComparisonNeed)}
    return {name: holdout for name, holdout in data.items() if name in names}


def _run(
    model: ModelFiles, data: Mapping[str, Holdout | Gap], needs: Sequence[Need], sandbox: Sandbox
) -> Run:
    """One process for all of a model's answers; what it cannot be fed is told without asking it."""
    tables: dict[str, pa.Table] = {}
    unfed: dict[str, Failed] = {}
    for name, holdout in data.items():
        if isinstance(holdout, Gap):
            continue
        try:
            tables[name] = feed(holdout.inputs, model.signature)
        except InputsInvalid as invalid:
            unfed[name] = Failed(f"cannot be fed from '{name}': {invalid}", invalid.fault)
    within = [need.within_s for need in needs if isinstance(need, LoadNeed)]
    if not tables and not within:
        return Run(Failed("was not run: there was nothing to ask it", "surroundings"), unfed)
    run = sandbox.run(model.path, tables, load_limit_s=max(within, default=None))
    return Run(run.loading, {**run.scores, **unfed})
