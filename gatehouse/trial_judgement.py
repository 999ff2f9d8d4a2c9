"""A version judged here and now, with no server of ours: nothing is moved and nothing recorded."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version as version_of
from pathlib import Path

import click

from gatehouse.model_address import Address, resolve
from policies.book import PolicyBook
from policies.datasets import Dataset
from policies.decide import decide
from policies.evaluate import evaluate
from policies.evidence.evidence import Evidence
from policies.gates.metric import HOLDOUT
from policies.language import Policy
from policies.load import load_policies, load_policy
from policies.moment import Moment
from policies.rule import Rule
from registry.aliased import AliasedRegistry
from registry.mlflow_open import open_registry
from registry.port import Registry
from registry.settings import RegistrySettings
from registry.words import ModelVersion, Stage
from validation.addresses import HoldoutInvalid
from validation.reports.report import Report
from validation.sandbox import Sandbox
from workers.bootstrap import kept_environments
from workers.case import Case, case_of, told_of
from workers.datasets import AnyHoldout, read_datasets
from workers.gather import asked, find
from workers.settings import WorkerSettings


@dataclass(frozen=True)
class Call:
    """What is to be judged, and by what: `to` a stage, `against` another version, `data` as the hold-out."""

    candidate: Address
    policies: Path
    to: str | None = None
    against: Address | None = None
    data: str | None = None


def judged(call: Call) -> Report:
    """The judgement with all that a report tells. Raises UsageError for a call that cannot be meant."""
    registry: Registry = open_registry(RegistrySettings())
    where = call.policies
    book = load_policies(where) if where.is_dir() else PolicyBook((load_policy(where),))
    policy = _on_data(_policy(book, registry, call), call.data)
    if policy.lifecycle == "aliases":
        registry = AliasedRegistry(registry)
    candidate = resolve(registry, call.candidate)
    rule = _rule(policy, candidate.stage, call.to)
    case = _against(registry, case_of(registry, policy, rule, candidate), call.against)
    return _report(registry, book, case, strictly=call.data is not None)


def _policy(book: PolicyBook, registry: Registry, call: Call) -> Policy:
    name = call.candidate.name
    policy = book.for_model(name, lambda: registry.model_tags(name))
    if policy is None:
        where = call.policies
        raise click.UsageError(f"no policy in {where} names {name}; add it under 'models' of a policy file")
    return policy


def _on_data(policy: Policy, data: str | None) -> Policy:
    """The policy, with other rows in the place of its hold-out's."""
    if data is None:
        return policy
    names = [HOLDOUT] if HOLDOUT in policy.datasets else [*policy.datasets]
    if len(names) != 1:
        has = ", ".join(names) or "none"
        raise click.UsageError(f"--data stands for the data set '{HOLDOUT}', and {policy.name} has {has}")
    given: Mapping[str, Dataset] = {names[0]: policy.datasets[names[0]].model_copy(update={"uri": data})}
    return policy.model_copy(update={"datasets": {**policy.datasets, **given}})


def _rule(policy: Policy, stage: Stage, target: str | None) -> Rule:
    """The transition that is named, or the next one, or the only one."""
    for rule in policy.transitions:
        if rule.to_stage is Stage.parse(target) if target else rule.from_stage is stage:
            return rule
    if target is None and len(policy.transitions) == 1:
        return policy.transitions[0]
    wanted = f"to {target}" if target else f"from {stage}"
    ways = ", ".join(str(rule.transition) for rule in policy.transitions)
    raise click.UsageError(f"the policy has no transition {wanted}; it has {ways}; name one with --to")


def _against(registry: Registry, case: Case, address: Address | None) -> Case:
    if address is None:
        return case
    champion = resolve(registry, address)
    if (champion.name, champion.version) == (case.candidate.name, case.candidate.version):
        raise click.UsageError(f"{address} is the candidate itself: name another version with --against")
    return replace(case, champion=champion)


def _report(registry: Registry, book: PolicyBook, case: Case, *, strictly: bool) -> Report:
    now, policy = datetime.now(UTC), case.policy
    wanted = asked(case, now)
    logged = partial(registry.logged_data, beside=case.candidate)
    data = read_datasets(policy.datasets, wanted, os.environ, now, logged)
    if strictly:
        _check(data)
    with Sandbox(spares=0, environments=kept_environments(WorkerSettings())) as sandbox:
        told = told_of(registry, case)
        found = find(registry, sandbox, case, told, wanted, data)
    evidence = Evidence(
        candidate=told.candidate,
        champion=told.champion,
        findings=found.findings,
        datasets={name: read.digest for name, read in data.items() if not isinstance(read, HoldoutInvalid)},
    )
    evaluation = evaluate(policy, case.rule, evidence)
    moment = Moment(now=now, entered=_entered(policy, case.candidate))
    authors = book.authors(evidence.candidate.authors)
    decision = decide(policy, case.rule, evaluation, authors=authors, groups=book.groups, moment=moment)
    return Report(evidence, evaluation, decision, found.sketch, now, version_of("gatehouse"))


def _entered(policy: Policy, candidate: ModelVersion) -> datetime | None:
    """Of an alias the registry tells no time: its soak would begin now."""
    return candidate.updated if policy.lifecycle == "stages" else None


def _check(data: Mapping[str, AnyHoldout | HoldoutInvalid]) -> None:
    """Data that was named in the call is to be read, or the call was wrong."""
    for read in data.values():
        if isinstance(read, HoldoutInvalid):
            raise click.UsageError(str(read))
