"""The promises about the registry, as checks: facts of a quiet time in, a sentence for each breach out. Pure."""

from collections import Counter

from ledger.judgements import read_judgement
from policies.evidence.evidence import Evidence
from policies.rule import ARTIFACTS
from policies.verdicts import Answer, Outcome, Step
from registry.aliased import stage_by_alias
from registry.events import OWN_TAGS
from registry.words import Stage

SETTLING = {"done", "needless"}


def judged(facts):
    """Every version is judged for the stage it is in, on what is so now, and stands where that sent it."""
    latest = {(row.model, row.version): row for row in facts.decisions}
    for version in facts.versions:
        rule = policy_of(facts, version.name).rule_from(stage_of(facts, version))
        if rule is None:
            continue
        named = f"{version.name} {version.version}"
        row = latest.get((version.name, version.version))
        if row is None:
            yield f"{named} in {rule.from_stage} was never judged"
            continue
        judgement, known = (
            read_judgement(row),
            Evidence.model_validate_json(facts.evidence[row.evidence_digest]),
        )
        if judgement.evaluation.transition != rule.transition:
            yield f"{named} is in {rule.from_stage}, and was judged last for {judgement.evaluation.transition}"
        elif any(step.kind == "transition" for step in judgement.decision.steps):
            yield f"{named} is still in {rule.from_stage}: decision {row.id} to {row.answer} it moved nothing"
        elif judgement.decision.answer is Answer.HOLD:
            yield f"{named} is held by nothing that is still so: {'; '.join(judgement.decision.reasons)}"
        elif tags_of(version) != known.candidate.tags:
            yield f"{named} was judged with tags {known.candidate.tags}, and has {tags_of(version)}"
        elif rule.from_stage is Stage.STAGING and _champion(known) != _others(facts, version):
            yield f"{named} was compared with {_champion(known)}, and {_others(facts, version)} is champion"


def files(facts):
    """No version was turned down for files that were always there."""
    for row in facts.decisions:
        for verdict in read_judgement(row).evaluation.verdicts:
            if verdict.gate == ARTIFACTS and verdict.outcome is Outcome.FAIL:
                yield f"{row.model} {row.version}: {verdict.sentence}"


def one_champion(facts):
    """One version at most is in Production, and it is the one that the gate put there last."""
    for model in sorted({version.name for version in facts.versions}):
        there = [
            v.version for v in facts.versions if v.name == model and stage_of(facts, v) is Stage.PRODUCTION
        ]
        last = _last_promoted(facts, model)
        if len(there) > 1:
            yield f"{model} has {len(there)} champions: versions {', '.join(map(str, sorted(there)))}"
        elif there and there[0] != last:
            yield f"{model} has version {there[0]} in Production, and the gate promoted {last} last"
        elif not there and last is not None and not _was_taken_out(facts, model, last):
            yield f"{model} has no champion, and nobody took version {last} out"


def moves(facts):
    """No version was moved more often than people asked and decisions planned."""
    made = Counter((change.name, change.version, Stage.parse(change.to_stage)) for change in facts.changes)
    planned = Counter()
    for row in facts.actions:
        step = Step.model_validate_json(row.step)
        if step.kind == "transition":
            planned[row.model, row.version, Stage.parse(step.target)] += 1
    ways_in = Counter()
    for (model, _, stage), count in made.items():
        if stage in {Stage.STAGING, Stage.PRODUCTION}:
            ways_in[model] += count
    for (model, version, stage), count in made.items():
        reasons = planned[model, version, stage] + facts.moves[model, version, stage]
        if stage is Stage.ARCHIVED:
            reasons += ways_in[model]  # each may have archived the others
        if count > reasons:
            yield f"{model} {version} came to {stage} {count} times, for {reasons} reasons"


def seen(facts):
    """The ledger has seen the registry as it is: no version, stage, tag or alias is unknown to it."""
    there = {(version.name, version.version): version for version in facts.versions}
    for name, number in there.keys() - facts.sightings.keys():
        yield f"{name} {number} was never seen"
    for name, number in facts.sightings.keys() - there.keys():
        yield f"{name} {number} is said to be there, and is not"
    for key in there.keys() & facts.sightings.keys():
        version, known = there[key], facts.sightings[key]
        wanted = (version.stage, tags_of(version), version.aliases)
        if wanted != (known.stage, known.tags, known.aliases):
            yield f"{key[0]} {key[1]} was last seen as {known}, and is {wanted}"


def policy_of(facts, model):
    return facts.book.for_model(model, dict)


def stage_of(facts, version):
    return stage_by_alias(version) if policy_of(facts, version.name).lifecycle == "aliases" else version.stage


def tags_of(version):
    return {key: value for key, value in version.tags.items() if not key.startswith(OWN_TAGS)}


def _champion(evidence):
    return evidence.champion.version if evidence.champion else None


def _others(facts, version):
    champions = [
        other.version for other in facts.versions
        if other.name == version.name and other.version != version.version
        and stage_of(facts, other) is Stage.PRODUCTION
    ]  # fmt: skip
    return champions[0] if champions else None


def _last_promoted(facts, model):
    """By the last decision whose move into Production was seen done."""
    moved = {
        row.decision_id for row in facts.actions
        if row.state in SETTLING and Step.model_validate_json(row.step).target == Stage.PRODUCTION
    }  # fmt: skip
    promoted = [row.version for row in facts.decisions if row.model == model and row.id in moved]
    return promoted[-1] if promoted else None


def _was_taken_out(facts, model, version):
    """Whether people moved it out, or another in: then what came of that is the policy's to say."""
    return any(of == model and (which == version or to is Stage.PRODUCTION) for of, which, to in facts.moves)
