"""Gathers the evidence on one candidate: facts from the registry, findings from validation.

Findings are measured once per inputs (candidate, champion, needs, data): an approval is bound to the
evidence it was given for, and a second look must not void it by timing the model again.
"""

import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from ledger.engine import reading
from ledger.judgements import known_evidence
from policies.datasets import Dataset
from policies.evaluate import needs
from policies.evidence.digest import digest_of
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.kinds import AnyNeed, Finding
from policies.evidence.need import Need
from policies.load import with_texts
from registry.errors import ArtifactsMissing
from registry.port import Registry
from registry.words import Value, VersionFacts
from validation.addresses import HoldoutInvalid
from validation.data_sets import HoldoutSource
from validation.measure import measure
from validation.measuring.scores import Scores
from validation.reports.sketch import Sketch
from validation.reports.sketching import sketch, unscored
from validation.sandbox import Sandbox
from workers.case import Case, Told, fetched, told_of
from workers.datasets import AnyHoldout, read_datasets
from workers.gatekeeper import Gatekeeper
from workers.training import digest_of_training, logged_by_run, with_kept

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Gathered:
    """Evidence, the digest of the inputs it was measured from, and a sketch if it was measured just now."""

    evidence: Evidence
    inputs: str
    sketch: Sketch | None = None


@dataclass(frozen=True)
class Found:
    """What was measured, and a sketch of what it was measured from."""

    findings: dict[str, Finding]
    sketch: Sketch


class _Inputs(Value):
    candidate: VersionFacts
    champion: VersionFacts | None
    needs: dict[str, AnyNeed]
    datasets: dict[str, str]
    training: str = ""


def _inputs(told: Told, wanted: Sequence[Need], digests: dict[str, str], training: str) -> _Inputs:
    by_key = {need.key: need for need in wanted}
    what = {"candidate": told.candidate, "champion": told.champion, "needs": by_key, "datasets": digests}
    return _Inputs.model_validate(what | {"training": training})


def gather(keeper: Gatekeeper, case: Case) -> Gathered:
    """The evidence this case's gates ask for. Raises RegistryUnavailable and LedgerUnavailable."""
    wanted = asked(case, keeper.now())
    told = told_of(keeper.registry, case)
    logged = partial(keeper.registry.logged_data, beside=case.candidate)
    data = read_datasets(case.policy.datasets, wanted, keeper.environ, keeper.now(), logged)
    digests = {name: found.digest for name, found in data.items() if not isinstance(found, HoldoutInvalid)}
    training = digest_of_training(keeper.registry, case.candidate, wanted)
    as_read = _as_read(case.policy.datasets, digests)
    inputs = digest_of(_inputs(told, wanted, as_read, training))
    with reading(keeper.ledger) as session:
        known = known_evidence(session, inputs)
    if known is not None and not _told_by_surroundings(known):
        return Gathered(known, inputs)
    found = Found({}, unscored(()))
    if wanted and not told.candidate.unreadable:
        found = find(keeper.registry, keeper.sandbox, case, told, wanted, data)
    evidence = Evidence(
        candidate=told.candidate, champion=told.champion, findings=found.findings, datasets=digests
    )
    return Gathered(evidence, inputs, found.sketch)


def asked(case: Case, now: datetime) -> list[Need]:
    """What must be measured in this case: where there is no champion, nothing against it."""
    wanted = needs(case.policy, case.rule, now)
    return with_texts([need for need in wanted if case.champion or not need.against_champion], case.policy)


def _as_read(datasets: Mapping[str, Dataset], digests: Mapping[str, str]) -> dict[str, str]:
    """Digests with the columns that the rows are read by: another target makes other figures of one file."""
    return {name: " ".join(map(str, (digest, *_reading(datasets[name])))) for name, digest in digests.items()}


def _reading(dataset: Dataset) -> tuple[object, ...]:
    """What the rows are read by, beside the file."""
    by = (dataset.target, dataset.day)
    return by if dataset.classes is None else (*by, dataset.classes, dataset.predictions)


def find(
    registry: Registry,
    sandbox: Sandbox,
    case: Case,
    told: Told,
    wanted: Sequence[Need],
    data: Mapping[str, AnyHoldout | HoldoutInvalid],
) -> Found:
    """Fetch the models, run them, measure. Raises RegistryUnavailable."""
    with (
        tempfile.TemporaryDirectory(prefix="gatehouse-", ignore_cleanup_errors=True) as folder,
        sandbox.at_work(),
    ):
        try:
            candidate, champion = fetched(registry, case, told, Path(folder))
            if any(need.against_training for need in wanted):
                logged = with_kept(logged_by_run(registry, case.candidate), candidate.path)
                candidate = replace(candidate, trained_on=logged)
        except ArtifactsMissing as error:
            lost = Gap(reason=str(error), fault="candidate")
            return Found({need.key: lost for need in wanted}, unscored(wanted))
        gaps: dict[str, Finding] = {}
        if isinstance(champion, Gap):
            gaps = {need.key: champion for need in wanted if need.against_champion}
        sketches = [unscored(wanted)]
        findings, _ = measure(
            [need for need in wanted if need.key not in gaps],
            candidate,
            None if isinstance(champion, Gap) else champion,
            {name: _source(found) for name, found in data.items()},
            sandbox=sandbox,
            level=case.policy.sandbox,
            env=case.policy.env,
            show=lambda scores: sketches.extend(_sketched(wanted, scores)),
        )
        return Found(gaps | findings, sketches[-1])


def _sketched(wanted: Sequence[Need], scores: Scores) -> list[Sketch]:
    """None if it cannot be made: a report without plots costs less than a verdict."""
    try:
        return [sketch(wanted, scores)]
    except Exception:
        log.exception("no sketch could be made of what was scored; its report will show no plots")
        return []


def _source(found: AnyHoldout | HoldoutInvalid) -> HoldoutSource:
    def read() -> AnyHoldout:
        if isinstance(found, HoldoutInvalid):
            raise found
        return found

    return read


def _told_by_surroundings(evidence: Evidence) -> bool:
    """Evidence with a gap that is not the candidate's own is worth gathering again."""
    return any(
        isinstance(found, Gap) and found.fault == "surroundings" for found in evidence.findings.values()
    )
