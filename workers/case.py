"""One version to be judged: by which transition, against which champion, and what the registry holds of both.

A server takes its time for each answer, so candidate and champion are asked for side by side.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from policies.evidence.gap import Gap
from policies.language import Policy
from policies.rule import Rule
from registry.errors import ArtifactsMissing, ArtifactsUnavailable
from registry.port import Registry
from registry.words import ModelVersion, Stage, VersionFacts
from validation.asking import ModelFiles


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
class Told:
    """What the registry tells of the two versions of a case."""

    candidate: VersionFacts
    champion: VersionFacts | None


def told_of(registry: Registry, case: Case) -> Told:
    """Both are asked for at once: each takes several answers of a server. Raises RegistryUnavailable."""
    with ThreadPoolExecutor(2) as pool:
        champion = pool.submit(facts, registry, case.champion) if case.champion else None
        candidate = pool.submit(facts, registry, case.candidate)
        return Told(candidate.result(), champion.result() if champion else None)


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


def fetched(
    registry: Registry, case: Case, told: Told, folder: Path
) -> tuple[ModelFiles, ModelFiles | Gap | None]:
    """Candidate and champion, each in a folder of its own. The candidate's errors are raised."""
    with ThreadPoolExecutor(2) as pool:
        candidate = pool.submit(_fetch, registry, case.candidate, told.candidate, folder / "candidate")
        champion = pool.submit(_champion, registry, case, told, folder / "champion")
        return candidate.result(), champion.result()


def _champion(registry: Registry, case: Case, told: Told, folder: Path) -> ModelFiles | Gap | None:
    if case.champion is None or told.champion is None:
        return None
    try:
        return _fetch(registry, case.champion, told.champion, folder)
    except (ArtifactsMissing, ArtifactsUnavailable) as error:
        return Gap(reason=f"the champion could not be scored: {error}")


def _fetch(registry: Registry, version: ModelVersion, told: VersionFacts, folder: Path) -> ModelFiles:
    if told.unreadable:
        raise (ArtifactsMissing if told.lost else ArtifactsUnavailable)(told.unreadable)
    folder.mkdir()
    return ModelFiles(path=registry.fetch(version, folder), signature=told.signature)
