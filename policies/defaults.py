"""Defaults: what an organisation asks of all its policies, in `defaults.yaml` beside them. Pure.

A policy's own key beats the default as a whole; only data sets are joined, by name. What is left out stays
left out: the defaults are put under a policy's data before it is checked as one. The text of a policy that
stands on defaults ends with theirs, so its digest, which approvals are bound to, covers both.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from policies.break_glass import GlassKey
from policies.datasets import Dataset
from policies.quantities import Text
from policies.sandbox_levels import LEVELS, SandboxLevel
from policies.section import Complaint, Section, refuse_all
from policies.steps import StageName
from policies.strictness import Stricter, towards
from policies.terms import Terms

MARK = "\n--- # defaults.yaml, as it stood then\n"
"""Between a policy's own text and the text of the defaults that it stands on."""


class Shareable(Section):
    """What a policy may say for itself, or leave to its organisation."""

    stricter: ClassVar[Mapping[str, Stricter]] = {"sandbox": towards(*LEVELS)}

    owners: tuple[Text, ...] = Field((), description="Groups that answer for it.")
    mode: Literal["enforce", "audit"] = Field("enforce", description="audit: judge and report, move nothing.")
    lifecycle: Literal["stages", "aliases"] = Field(
        "stages",
        description="aliases: staging is the alias candidate, production the alias champion; MLflow's own "
        "stages are left alone.",
    )
    sandbox: SandboxLevel = Field(
        "limited",
        description="What the machine must give before a model is run on it. offline: no network. closed: "
        "no network, and no files but the model's own.",
    )
    env: Literal["worker", "model"] = Field(
        "worker",
        description="worker: models run on the workers' libraries. model: on those that they were logged "
        "with, installed from the operator's index.",
    )
    datasets: dict[str, Dataset] = Field(default_factory=dict, description="Data sets by name.")
    break_glass: GlassKey = Field(
        None,
        description="Who may promote a version over the gate's head, with a reason: [ada, on-call], or "
        '{by: [ada], notify: ["#on-call"]}.',
    )


class DefaultTerms(Terms):
    """Terms of every transition to one stage."""

    to_stage: StageName = Field(alias="to", description="The stage whose transitions have these terms.")


class Defaults(Shareable):
    """What `defaults.yaml` may say."""

    transitions: Annotated[tuple[DefaultTerms, ...], Field(min_length=1)] = Field(
        (), description="Terms of transitions: approvals, soak, freeze and so on, one entry for each stage."
    )

    @model_validator(mode="after")
    def _once(self) -> Self:
        seen = Counter[str]()
        complaints = []
        for index, terms in enumerate(self.transitions):
            seen[terms.to_stage] += 1
            if seen[terms.to_stage] > 1:
                what = f"an earlier entry is for {terms.to_stage.lower()} too"
                complaints.append(Complaint(("transitions", index, "to"), what, "write one"))
        if complaints:
            raise refuse_all(complaints)
        return self


def with_defaults(data: Any, defaults: dict[str, Any]) -> Any:
    """A policy's data (whatever it is, even no policy) with checked defaults put under it."""
    if not isinstance(data, dict):
        return data
    merged = {**defaults, **data}
    for key, join in (("datasets", _by_name), ("transitions", _by_stage)):
        if key in defaults and key in data:
            merged[key] = join(data[key], defaults[key])
    return merged if "transitions" in data else {k: v for k, v in merged.items() if k != "transitions"}


def _by_name(own: Any, shared: dict[str, Any]) -> Any:
    return {**shared, **own} if isinstance(own, dict) else own


def _by_stage(own: Any, shared: list[dict[str, Any]]) -> Any:
    if not isinstance(own, list):
        return own
    terms = {_stage(entry): {k: v for k, v in entry.items() if k != "to"} for entry in shared}
    return [{**terms.get(_stage(rule), {}), **rule} if isinstance(rule, dict) else rule for rule in own]


def _stage(rule: dict[str, Any]) -> str:
    return str(rule.get("to", "")).strip().lower()
