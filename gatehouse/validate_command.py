"""`gatehouse validate`: judge one version here and now, with no server of ours; moves and records nothing."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatehouse import pages
from gatehouse.failures import Exit
from policies.decide import decide
from policies.evaluate import evaluate
from policies.evidence.evidence import Evidence
from policies.load import load_policies
from policies.moment import Moment
from policies.rule import Rule
from policies.verdicts import Answer, Decision, Evaluation, Outcome
from registry.port import Registry
from registry.settings import RegistrySettings
from registry.words import Stage
from workers.settings import WorkerSettings

if TYPE_CHECKING:
    from workers.gather import Case

CODES = {
    Answer.PROMOTE: Exit.FINE,
    Answer.ASK: Exit.FINE,
    Answer.REJECT: Exit.NO,
    Answer.HOLD: Exit.COULD_NOT_TELL,
}


@click.command(epilog="Example: gatehouse validate taxi-fare 3 --to production")
@click.argument("model")
@click.argument("version", type=click.IntRange(min=1))
@click.option(
    "--to",
    "target",
    type=click.Choice(["staging", "production"]),
    help="Judge this transition instead of the next one.",
)
@click.option("--policies", type=click.Path(path_type=Path, exists=True), help="Folder of policies.")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def validate(model: str, version: int, *, target: str | None, policies: Path | None, machine: bool) -> None:
    """Judge MODEL VERSION by its policy.

    Exit code 0: it would pass, or waits for people only; 1: no; 3: could not tell.
    """
    with pages.console().status("Validating ..."):
        evaluation, decision = _judge(model, version, target, policies or WorkerSettings().policies)
    if machine:
        pages.as_json({"model": model, "version": version} | pages.judgement_json(evaluation, decision))
    else:
        pages.judgement(f"{model} {version}", evaluation, decision)
    unclear = any(verdict.outcome is Outcome.INCONCLUSIVE for verdict in evaluation.verdicts)
    asked = decision.answer is Answer.ASK and unclear
    raise SystemExit(Exit.COULD_NOT_TELL if asked else CODES[decision.answer])


def _judge(model: str, version: int, target: str | None, folder: Path) -> tuple[Evaluation, Decision]:
    from registry.aliased import AliasedRegistry
    from registry.mlflow_open import open_registry
    from workers.gather import case_of

    registry: Registry = open_registry(RegistrySettings())
    book = load_policies(folder)
    policy = book.for_model(model, lambda: registry.model_tags(model))
    if policy is None:
        raise click.UsageError(f"no policy in {folder} names {model}; add it under 'models' of a policy file")
    if policy.lifecycle == "aliases":
        registry = AliasedRegistry(registry)
    candidate = registry.version(model, version)
    rule = _rule(policy.transitions, candidate.stage, target)
    evidence = _evidence(registry, case_of(registry, policy, rule, candidate))
    evaluation = evaluate(policy, rule, evidence)
    # Of an alias the registry tells no time: its soak would begin now.
    entered = candidate.updated if policy.lifecycle == "stages" else None
    moment = Moment(now=datetime.now(UTC), entered=entered)
    authors = evidence.candidate.authors
    return evaluation, decide(policy, rule, evaluation, authors=authors, groups=book.groups, moment=moment)


def _evidence(registry: Registry, case: "Case") -> Evidence:
    from validation.sandbox import Sandbox
    from workers.bootstrap import kept_environments
    from workers.gather import asked, facts, find, read_datasets

    now = datetime.now(UTC)
    wanted = asked(case, now)
    data = read_datasets(case.policy.datasets, wanted, os.environ, now)
    with Sandbox(spares=0, environments=kept_environments(WorkerSettings())) as sandbox:
        findings = find(registry, sandbox, case, wanted, data) if wanted else {}
    champion = facts(registry, case.champion) if case.champion else None
    return Evidence(candidate=facts(registry, case.candidate), champion=champion, findings=findings)


def _rule(rules: tuple[Rule, ...], stage: Stage, target: str | None) -> Rule:
    for rule in rules:
        if rule.to_stage is Stage.parse(target) if target else rule.from_stage is stage:
            return rule
    wanted = f"to {target}" if target else f"from {stage}"
    ways = ", ".join(str(rule.transition) for rule in rules)
    raise click.UsageError(f"the policy has no transition {wanted}; it has {ways}; name one with --to")
