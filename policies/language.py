"""The policy language as types: what a policy file may say, each key described where it stands.

Its parts are `rule`, `datasets`, and two tables: gates (`gates.registered`) and `steps`. Reading files is
`parse` and `load`; what a policy says of evidence is `evaluate` and `decide`.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, PrivateAttr, model_validator

from policies.datasets import Dataset, DatasetUnset
from policies.defaults import Shareable
from policies.engines import not_on_spark
from policies.gates.gate import Gate
from policies.gates.metric import HOLDOUT
from policies.implied import with_implied
from policies.problems import Problem, suggest
from policies.quantities import Text
from policies.retrain import Retrain
from policies.rule import Rule
from policies.section import Complaint, refuse_all
from policies.source import Path as Place
from policies.source import Source
from policies.terms import ApprovalRule
from policies.waivers import Waiver
from registry.words import Stage

__all__ = ["ApprovalRule", "Dataset", "DatasetUnset", "Policy", "Rule"]


class Policy(Shareable):
    """What one team demands of its models before they move up."""

    name: Text = Field(alias="policy", description="The policy's name, unique in its folder.")
    description: str = Field("", description="What it is for, in a sentence.")
    models: Annotated[tuple[Text, ...], Field(min_length=1)] = Field(
        description="Names of registered models; * stands for any letters."
    )
    tagged: Annotated[dict[Text, Text], Field(min_length=1)] = Field(
        default_factory=dict,
        description="Only those of them with these tags: of the registered model, not of a version.",
    )
    transitions: Annotated[tuple[Rule, ...], Field(min_length=1)] = Field(
        description="One entry per transition."
    )
    exceptions: tuple[Waiver, ...] = Field((), description="Gates that stop nothing for a time.")
    retrain: Retrain | None = Field(
        None, description="When trainers are asked for a new candidate: {every: 7d, after: [rollback]}."
    )

    _source: Source | None = PrivateAttr(default=None)

    def model_post_init(self, context: Any, /) -> None:
        """Remember the text it was read from, for its digest and for problems found later."""
        self._source = context if isinstance(context, Source) else None

    @property
    def text(self) -> str:
        """The file as its authors wrote it, and the defaults that it stands on; empty if made in code."""
        return self._source.text if self._source else ""

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return Path(self._source.file if self._source else "")

    @property
    def source(self) -> Source | None:
        """The file with the places of its parts."""
        return self._source

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def problem(self, at: Place, what: str, instead: str) -> Problem:
        """A problem found after the file was read, with its place there."""
        if self._source:
            return self._source.problem(at, what, instead)
        return Problem(file=str(self.path), line=1, column=1, what=what, instead=instead)

    def rule_to(self, stage: Stage) -> Rule | None:
        """The last rule that leads to this stage, if there is one."""
        return next((rule for rule in reversed(self.transitions) if rule.to_stage is stage), None)

    def rule_from(self, stage: Stage) -> Rule | None:
        """The rule by which a version in this stage may move up, if there is one."""
        return next((rule for rule in self.transitions if rule.from_stage is stage), None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if complaints := [*self._doubled(), *self._datasets(), *self._exceptions()]:
            raise refuse_all(complaints)
        return self

    def _doubled(self) -> list[Complaint]:
        seen = Counter[Stage]()
        complaints = []
        for index, rule in enumerate(self.transitions):
            seen[rule.from_stage] += 1
            if seen[rule.from_stage] > 1:
                what = f"an earlier transition leaves {rule.from_stage.lower()} too"
                complaints.append(Complaint(("transitions", index, "from"), what, "keep one of them"))
        return complaints

    def _datasets(self) -> list[Complaint]:
        """Gates name what is declared; without a data set, whoever measures has the hold-out."""
        known = tuple(self.datasets) or (HOLDOUT,)
        complaints = []
        for at, gate in self.gates():
            named = getattr(gate, "dataset", HOLDOUT)
            if hasattr(gate, "dataset") and named not in known:
                complaints.append(
                    Complaint((*at, "dataset"), f"no data set '{named}'", suggest(named, known))
                )
                continue
            found = [*gate.unfit(self.datasets), *not_on_spark(gate, self.datasets)]
            complaints += [c._replace(at=(*at, *c.at)) for c in found]
        return [*complaints, *self._environment()]

    def _environment(self) -> list[Complaint]:
        """A Spark host has the workers' libraries, and installs no other."""
        if self.env == "model" and any(each.engine == "spark" for each in self.datasets.values()):
            what = "on Spark models run on the workers' libraries"
            return [Complaint(("env",), what, "write worker, or take out engine: spark")]
        return []

    def gates(self) -> Iterator[tuple[Place, Gate]]:
        """Every gate with its place: those of the transitions, and those of their watches."""
        for number, rule in enumerate(self.transitions):
            for index, gate in enumerate(rule.gates):
                yield ("transitions", number, "gates", index), gate
            for index, gate in enumerate(rule.watch.gates if rule.watch else ()):
                yield ("transitions", number, "watch", "gates", index), gate

    def _exceptions(self) -> list[Complaint]:
        """Each is for a gate that there is, in a policy that somebody answers for."""
        rules = (with_implied(rule.gates, self.datasets) for rule in self.transitions)
        gates = sorted({gate.label for rule in rules for gate in rule})
        complaints = []
        for index, waiver in enumerate(self.exceptions):
            if waiver.gate not in gates:
                what = f"no gate '{waiver.gate}' in this policy"
                complaints.append(Complaint(("exceptions", index, "gate"), what, suggest(waiver.gate, gates)))
        if self.exceptions and not self.owners:
            what = "exceptions in a policy that nobody owns"
            complaints.append(Complaint(("exceptions",), what, "add owners: [GROUP]", on_key=True))
        return complaints
