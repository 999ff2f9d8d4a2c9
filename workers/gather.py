"""Gathers the evidence on one candidate: facts from the registry, findings from validation.

Findings are measured once per inputs (candidate, champion, needs, data): an approval is bound to the
evidence it was given for, and a second look must not void it by timing the model again.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ledger.engine import reading
from ledger.judgements import known_evidence
from policies.datasets import Dataset, DatasetUnset
from policies.evaluate import needs
from policies.evidence.digest import digest_of
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.kinds import AnyNeed, Finding
from policies.evidence.need import DataNeed, Need
from policies.language import Policy
from policies.load import with_texts
from policies.rule import Rule
from registry.errors import ArtifactsMissing, ArtifactsUnavailable
from registry.port import Registry
from registry.profiles import MOST_BYTES, PROFILE_FILE
from registry.words import ModelVersion, Stage, Value, VersionFacts
from validation.freshness import must_be_fresh, newest
from validation.holdout import Holdout, HoldoutInvalid, read_holdout
from validation.measure import HoldoutSource, ModelFiles, measure
from validation.sandbox import Sandbox
from validation.targets import declared
from workers.gatekeeper import Gatekeeper


@dataclass(frozen=True)
class Case:
    """One version to be judged by one transition of its policy."""

    policy: Policy
    rule: Rule
    candidate: ModelVersion
    champion: ModelVersion | None
    model_tags: Mapping[str, str] | None = None
    """Tags that the choice of the policy rested on; None: it rested on none."""


def case_of(registry: Registry, policy: Policy, rule: Rule, candidate: ModelVersion) -> Case:
    """The case, with the champion: of several in Production, who came there last."""
    versions = registry.versions(candidate.name)
    others = (v for v in versions if v.stage is Stage.PRODUCTION and v.version != candidate.version)
    champion = max(others, key=lambda v: v.updated, default=None)
    return Case(policy=policy, rule=rule, candidate=candidate, champion=champion)


@dataclass(frozen=True)
class Gathered:
    """Evidence, and the digest of the inputs it was measured from."""

    evidence: Evidence
    inputs: str


class _Inputs(Value):
    candidate: VersionFacts
    champion: VersionFacts | None
    needs: dict[str, AnyNeed]
    datasets: dict[str, str]


def _inputs(
    candidate: VersionFacts, champion: VersionFacts | None, wanted: Sequence[Need], digests: dict[str, str]
) -> _Inputs:
    by_key = {need.key: need for need in wanted}
    return _Inputs.model_validate(
        {"candidate": candidate, "champion": champion, "needs": by_key, "datasets": digests}
    )


def gather(keeper: Gatekeeper, case: Case) -> Gathered:
    """The evidence this case's gates ask for. Raises RegistryUnavailable and LedgerUnavailable."""
    wanted = asked(case, keeper.now())
    candidate = facts(keeper.registry, case.candidate)
    champion = facts(keeper.registry, case.champion) if case.champion else None
    data = read_datasets(case.policy.datasets, wanted, keeper.environ, keeper.now())
    digests = {name: found.digest for name, found in data.items() if isinstance(found, Holdout)}
    inputs = digest_of(_inputs(candidate, champion, wanted, _as_read(case.policy.datasets, digests)))
    with reading(keeper.ledger) as session:
        known = known_evidence(session, inputs)
    if known is not None and not _told_by_surroundings(known):
        return Gathered(known, inputs)
    runs = wanted and not candidate.unreadable
    findings = find(keeper.registry, keeper.sandbox, case, wanted, data) if runs else {}
    evidence = Evidence(candidate=candidate, champion=champion, findings=findings, datasets=digests)
    return Gathered(evidence, inputs)


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


def facts(registry: Registry, version: ModelVersion) -> VersionFacts:
    """What is known of a version; where its files are gone, that and what the registry itself holds."""
    try:
        return registry.facts(version)
    except (ArtifactsMissing, ArtifactsUnavailable) as error:
        return VersionFacts(
            name=version.name,
            version=version.version,
            source=version.source,
            run_id=version.run_id,
            authors=frozenset({version.user} if version.user else ()),
            unreadable=str(error),
            lost=isinstance(error, ArtifactsMissing),
        )


def read_datasets(
    datasets: Mapping[str, Dataset], wanted: Sequence[Need], environ: Mapping[str, str], now: datetime
) -> dict[str, Holdout | HoldoutInvalid]:
    """Every data set that is asked for, or why it cannot be judged on `now`."""
    asked = {need.dataset for need in wanted if isinstance(need, DataNeed)}
    return {name: _read(name, datasets[name], environ, now) for name in sorted(asked) if name in datasets}


def find(
    registry: Registry,
    sandbox: Sandbox,
    case: Case,
    wanted: Sequence[Need],
    data: Mapping[str, Holdout | HoldoutInvalid],
) -> dict[str, Finding]:
    """Fetch the models, run them, measure. Raises RegistryUnavailable."""
    sources = {name: _source(found) for name, found in data.items()}
    with tempfile.TemporaryDirectory(prefix="gatehouse-", ignore_cleanup_errors=True) as folder:
        try:
            candidate = _fetch(registry, case.candidate, Path(folder) / "candidate")
            if any(need.against_training for need in wanted):
                candidate = replace(candidate, profile=_profile(registry, case.candidate, candidate.path))
        except ArtifactsMissing as error:
            return {need.key: Gap(reason=str(error), fault="candidate") for need in wanted}
        gaps: dict[str, Finding] = {}
        champion = None
        try:
            champion = _fetch(registry, case.champion, Path(folder) / "champion") if case.champion else None
        except (ArtifactsMissing, ArtifactsUnavailable) as error:
            gap = Gap(reason=f"the champion could not be scored: {error}")
            gaps = {need.key: gap for need in wanted if need.against_champion}
        rest = [need for need in wanted if need.key not in gaps]
        level, env = case.policy.sandbox, case.policy.env
        found, _ = measure(rest, candidate, champion, sources, sandbox=sandbox, level=level, env=env)
        return gaps | found


def _fetch(registry: Registry, version: ModelVersion, folder: Path) -> ModelFiles:
    folder.mkdir()
    return ModelFiles(path=registry.fetch(version, folder), signature=registry.facts(version).signature)


def _profile(registry: Registry, version: ModelVersion, files: Path) -> bytes | None:
    """Of the data it was trained on: the run's artifact, or else among the model's own files."""
    if (found := registry.run_file(version, PROFILE_FILE, MOST_BYTES)) is not None:
        return found
    kept = files / PROFILE_FILE
    usable = kept.is_file() and not kept.is_symlink() and kept.stat().st_size <= MOST_BYTES
    return kept.read_bytes() if usable else None


def _read(name: str, dataset: Dataset, environ: Mapping[str, str], now: datetime) -> Holdout | HoldoutInvalid:
    try:
        path = Path(dataset.locate(environ))
        holdout = read_holdout(
            path,
            name=name,
            target=dataset.target,
            min_rows=dataset.min_rows,
            day=dataset.day,
            classes=declared(dataset.classes, dataset.predictions),
        )
        if dataset.max_age is not None:
            must_be_fresh(newest(path, holdout, dataset.day), dataset.max_age, now)
    except DatasetUnset as error:
        return HoldoutInvalid(str(error))
    except HoldoutInvalid as error:
        return error
    else:
        return holdout


def _source(found: Holdout | HoldoutInvalid) -> HoldoutSource:
    def read() -> Holdout:
        if isinstance(found, HoldoutInvalid):
            raise found
        return found

    return read


def _told_by_surroundings(evidence: Evidence) -> bool:
    """Evidence with a gap that is not the candidate's own is worth gathering again."""
    return any(
        isinstance(found, Gap) and found.fault == "surroundings" for found in evidence.findings.values()
    )
