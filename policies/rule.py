"""Rule: one transition of a policy, with its gates, its approvals and what follows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from policies.gates.registered import AnyGate
from policies.section import Complaint, refuse_all
from policies.steps import AnyStep, Consequence, Move, Name, StageName
from policies.strictness import MORE, Stricter
from policies.terms import Terms
from policies.verdicts import Transition
from policies.watch import Watch
from registry.words import Stage

UPWARD = (Stage.NONE, Stage.STAGING, Stage.PRODUCTION)
"""A promotion goes from a stage of this list to a later one."""

ARTIFACTS = "artifacts"
"""What is said of a version whose files cannot be read stands under this name, and is never waived."""


class Rule(Terms):
    """The gates of one transition, who must approve it, and what follows."""

    stricter: ClassVar[Mapping[str, Stricter]] = {"gates": MORE}

    from_stage: StageName = Field(
        alias="from", description="The stage that a version is in: none or staging."
    )
    to_stage: StageName = Field(alias="to", description="The stage it is to reach: staging or production.")
    gates: tuple[AnyGate, ...] = Field((), description="Conditions, all of which must hold.")
    on_pass: tuple[AnyStep, ...] = Field(
        (), description="Steps after a promotion; the transition itself if left out."
    )

    watch: Watch | None = Field(
        None, description="Gates that a version promoted to production must go on passing for a time."
    )

    @property
    def transition(self) -> Transition:
        """From which stage to which."""
        return Transition(from_stage=self.from_stage, to_stage=self.to_stage)

    @model_validator(mode="before")
    @classmethod
    def _moves_by_default(cls, data: Any) -> Any:
        """Without `on_pass` a promotion does what the rule is named after."""
        if isinstance(data, dict) and "on_pass" not in data and "to" in data:
            return {**data, "on_pass": [{"transition": data["to"]}]}
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if complaints := [*self._direction(), *self._gate_names(), *self._steps()]:
            raise refuse_all(complaints)
        return self

    def _direction(self) -> list[Complaint]:
        if self.from_stage in UPWARD and self.to_stage in UPWARD[UPWARD.index(self.from_stage) + 1 :]:
            return []
        what = f"{self.transition} is no promotion".lower()
        return [Complaint(("to",), what, "go up: none, staging, production")]

    def _gate_names(self) -> list[Complaint]:
        seen = Counter[str]()
        complaints = []
        for index, gate in enumerate(self.gates):
            seen[gate.label] += 1
            if gate.label == ARTIFACTS:
                what = f"'{ARTIFACTS}' is the name of Gatehouse's own verdict on a version's files"
                complaints.append(Complaint(("gates", index, "name"), what, "give the gate another"))
            if seen[gate.label] > 1:
                what = f"an earlier gate of this transition is called '{gate.label}' too"
                complaints.append(Complaint(("gates", index), what, "give this one a name of its own"))
        return complaints

    def _steps(self) -> list[Complaint]:
        complaints = []
        goal = self.to_stage.lower()
        if self.watch is not None and self.to_stage is not Stage.PRODUCTION:
            what = "only what is in production is watched"
            complaints.append(Complaint(("watch",), what, "take it out", on_key=True))
        for at, move in _moves("on_pass", self.on_pass):
            if move.transition is not self.to_stage:
                complaints.append(Complaint(at, f"this transition leads to {goal}", f"write {goal}"))
        for at, move in _moves("on_fail", self.on_fail):
            if move.transition in {self.to_stage, Stage.PRODUCTION}:
                what = f"a rejected version must not reach {move.transition.lower()}"
                complaints.append(Complaint(at, what, "write archived, or leave it out"))
        if not any(isinstance(step, (Move, Name)) for step in self.on_pass):
            complaints.append(
                Complaint(("on_pass",), "a promotion would move nothing", f"add {{transition: {goal}}}")
            )
        return complaints


def _moves(key: str, steps: Sequence[Consequence]) -> list[tuple[tuple[str | int, ...], Move]]:
    return [((key, index, "transition"), step) for index, step in enumerate(steps) if isinstance(step, Move)]
