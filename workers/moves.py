"""The two writes to a registry: a stage transition and an alias, each compared before and read back after."""

from collections.abc import Sequence

from ledger.actions import ActionState
from ledger.judgements import Judgement
from policies.evidence.evidence import Evidence
from policies.verdicts import Answer, Step
from registry.errors import RegistryUnavailable, VersionMissing
from registry.port import Registry
from registry.words import ModelVersion, Stage
from workers.errors import WorldChanged

Done = tuple[ActionState, str]
"""How it ended, and the sentence for the record."""


def transition(registry: Registry, judgement: Judgement, evidence: Evidence, step: Step) -> Done:
    """Move the judged version, unless it is there already.

    Raises WorldChanged when the version or the champion is not where the decision saw it,
    RegistryUnavailable when the registry reads back something else than was written.
    """
    model, version = judgement.model, judgement.version
    target, archive = Stage.parse(step.target), step.archive_existing
    before = registry.versions(model)
    here = _find(before, version)
    others = [v.version for v in before if v.stage is target and v.version != version]
    if here.stage is target and not (archive and others):
        return "needless", f"version {version} was in {target} already"
    if here.stage is not target:
        _check_unchanged(judgement, evidence, before, here)
    registry.transition(model, version, target, archive_existing=archive)
    after = registry.versions(model)
    left = [v.version for v in after if v.stage is target and v.version != version] if archive else []
    if _find(after, version).stage is not target or left:
        raise RegistryUnavailable(f"{model} {version} was moved to {target}, yet reads back otherwise")
    archived = f", version {', '.join(map(str, others))} archived" if archive and others else ""
    return "done", f"version {version} moved from {here.stage} to {target}{archived}"


def _check_unchanged(
    judgement: Judgement, evidence: Evidence, versions: Sequence[ModelVersion], here: ModelVersion
) -> None:
    wanted = judgement.evaluation.transition
    if here.stage is not wanted.from_stage:
        raise WorldChanged(f"version {here.version} was moved to {here.stage} by somebody else meanwhile")
    if judgement.decision.answer is not Answer.PROMOTE:
        return
    now = {v.version for v in versions if v.stage is Stage.PRODUCTION and v.version != here.version}
    judged = {evidence.champion.version} if evidence.champion else set()
    if not judged <= now or (now and not judged):
        raise WorldChanged("the champion it was compared with is no longer in Production: to be judged anew")


def set_alias(registry: Registry, judgement: Judgement, alias: str) -> Done:
    """Point an alias at the judged version, unless it points there already. Raises RegistryUnavailable."""
    model, version = judgement.model, judgement.version
    if alias in registry.version(model, version).aliases:
        return "needless", f"alias '{alias}' was at version {version} already"
    registry.set_alias(model, alias, version)
    if alias not in registry.version(model, version).aliases:
        raise RegistryUnavailable(f"alias '{alias}' of {model} was set, yet reads back otherwise")
    return "done", f"alias '{alias}' points at version {version}"


def _find(versions: Sequence[ModelVersion], version: int) -> ModelVersion:
    for candidate in versions:
        if candidate.version == version:
            return candidate
    raise VersionMissing(f"version {version} was deleted meanwhile")
