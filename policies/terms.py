"""Terms: what a transition asks for beside its gates, by its own rule or as an organisation asks of all."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from policies.freeze import Freeze
from policies.quantities import Count, Span, Text
from policies.section import Complaint, Section, refuse, refuse_all
from policies.steps import AnyStep
from policies.strictness import LARGER, MORE, Stricter, towards
from policies.verdicts import OnInconclusive


class Escalation(Section):
    """Who else is asked when those asked first do not answer."""

    after: Span = Field(description="After so long without enough approvals: 24h.")
    to: Annotated[tuple[Text, ...], Field(min_length=1)] = Field(
        description="Groups whose members are asked as well from then on."
    )


class ApprovalRule(Section):
    """How many people must agree, and from which groups they may come."""

    stricter: ClassVar[Mapping[str, Stricter]] = {"count": LARGER}

    count: Annotated[Count, Field(le=20)] = Field(1, description="How many reviewers must approve.")
    groups: tuple[Text, ...] = Field(
        (), alias="from", description="Groups whose members count; without it anyone but the author does."
    )
    expires: Span | None = Field(
        None, description="After so long without enough approvals the candidate is rejected: 72h."
    )
    remind: Span | None = Field(None, description="How often those still asked are reminded: 24h.")

    escalate: Escalation | None = Field(
        None, description="Who else is asked when nobody answers: {after: 24h, to: [heads]}."
    )

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        complaints = []
        if self.expires and self.remind and self.remind >= self.expires:
            what = "nobody is reminded before the request has expired"
            complaints.append(Complaint(("remind",), what, "write less than expires"))
        if self.escalate and self.expires and self.escalate.after >= self.expires:
            what = "nobody else is asked before the request has expired"
            complaints.append(Complaint(("escalate", "after"), what, "write less than expires"))
        if self.escalate and not self.groups:
            what = "anyone is asked from the beginning"
            complaints.append(
                Complaint(("escalate",), what, "add from: [GROUP], or take it out", on_key=True)
            )
        if complaints:
            raise refuse_all(complaints)
        return self

    @property
    def ever_asked(self) -> tuple[str, ...]:
        """All groups that this entry may ask, now or later."""
        return (*self.groups, *(self.escalate.to if self.escalate else ()))

    def escalated(self) -> Self:
        """The entry as it stands once nobody answered in time: more groups are asked, nobody else later."""
        return self.model_copy(update={"groups": tuple(dict.fromkeys(self.ever_asked)), "escalate": None})

    def __str__(self) -> str:
        return f"{' or '.join(self.groups) or 'anyone'} ({self.count})"


def _approvals(given: Any) -> Any:
    """`approvals: 1` is short for one entry that anyone may fill."""
    if isinstance(given, int) and not isinstance(given, bool):
        if given < 0:
            raise refuse(f"'{given}' is out of bounds", "write 0 or more")
        return [{"count": given}] if given else []
    return given


_WrittenApprovals = (
    Annotated[int, Field(ge=0, le=20)] | Annotated[tuple[ApprovalRule, ...], Field(max_length=10)]
)


class Terms(Section):
    """Who must approve, how long it takes, and what follows where it does not go up."""

    stricter: ClassVar[Mapping[str, Stricter]] = {
        "approvals": MORE,
        "first_version": towards("promote", "ask"),
    }

    approvals: Annotated[
        tuple[ApprovalRule, ...],
        Field(max_length=10),
        BeforeValidator(_approvals, json_schema_input_type=_WrittenApprovals),
    ] = Field(
        (),
        description="How many reviewers must approve: 1, or a list of {count, from, expires, remind, ...}.",
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
    on_fail: tuple[AnyStep, ...] = Field((), description="Steps after a rejection.")
    on_bypass: Literal["report", "revert"] = Field(
        "report",
        description="What follows when somebody moves a version here around the gate. revert: undo the move.",
    )
