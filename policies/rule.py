"""Rule: one transition of a policy, with its gates, its approvals and what follows."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from policies.freeze import Freeze
from policies.gates.registered import AnyGate
from policies.quantities import Count, Span, Text
from policies.section import Complaint, Section, refuse, refuse_all
from policies.steps import AnyStep, Consequence, Move, Name, StageName
from policies.verdicts import OnInconclusive, Transition
from registry.words import Stage

UPWARD = (Stage.NONE, Stage.STAGING, Stage.PRODUCTION)
"""A promotion goes from a stage of this list to a later one."""

ARTIFACTS = "artifacts"
"""What is said of a version whose files cannot be read stands under this name, and is never waived."""


class ApprovalRule(Section):
    """How many people must agree, and from which groups they may come."""

    count: Annotated[Count, Field(le=20)] = Field(1, description="How many reviewers must approve.")
    groups: tuple[Text, ...] = Field(
        (), alias="from", description="Groups whose members count; without it anyone but the author does."
    )
    expires: Span | None = Field(
        None, description="After so long without enough approvals the candidate is rejected: 72h."
    )
    remind: Span | None = Field(None, description="How often those still asked are reminded: 24h.")

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if self.expires and self.remind and self.remind >= self.expires:
            what = "nobody is reminded before the request has expired"
            raise refuse_all([Complaint(("remind",), what, "write less than expires")])
        return self

    def __str__(self) -> str:
        return f"{' or '.join(self.groups) or 'anyone'} ({self.count})"


def _approvals(given: Any) -> Any:
    """`approvals: 1` is short for one entry that anyone may fill."""
    if isinstance(given, int) and not isinstance(given, bool):
        if given < 0:
            raise refuse(f"'{given}' is out of bounds", "write 0 or more")
        return [{"count": given}] if given else []
    return given


class Rule(Section):
    """The gates of one transition, who must approve it, and what follows."""

    later: ClassVar[frozenset[str]] = frozenset({"watch"})

    from_stage: StageName = Field(
        alias="from", description="The stage that a version is in: none or staging."
    )
    to_stage: StageName = Field(alias="to", description="The stage it is to reach: staging or production.")
    gates: tuple[AnyGate, ...] = Field((), description="Conditions, all of which must hold.")
    approvals: Annotated[tuple[ApprovalRule, ...], BeforeValidator(_approvals), Field(max_length=10)] = Field(
        (), description="How many reviewers must approve: 1, or a list of {count, from, expires, remind}."
    )
    first_version: Literal["ask", "promote"] = Field(
        "ask",
        description="A first version has no champion to compare with. ask: the approvals, at least one. "
        "promote: none, if its gates pass.",
    )
    on_inconclusive: OnInconclusive = Field(
        "ask",
        description="What follows where the data cannot say, unless the gate says otherwise. ask: people. "
        "hold: look again when there is more data.",
    )
    soak: Span | None = Field(
        None, description="How long a version must have been in the stage it comes from: 24h."
    )
    freeze: Freeze | None = Field(None, description="When nothing is promoted.")
    on_pass: tuple[AnyStep, ...] = Field(
        (), description="Steps after a promotion; the transition itself if left out."
    )
    on_fail: tuple[AnyStep, ...] = Field((), description="Steps after a rejection.")
    on_bypass: Literal["report", "revert"] = Field(
        "report",
        description="What follows when somebody moves a version here around the gate. revert: undo the move.",
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
