"""What `cases.yaml` may say, as types: situations in a person's words, each with the answer that is due."""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from policies.given import Given
from policies.problems import suggest
from policies.quantities import Span, Text
from policies.section import Complaint, Section, refuse, refuse_all
from policies.steps import AnyStep, StageName
from policies.verdicts import Answer, Outcome
from policies.walltime import Timestamp
from policies.wording import shown


def _choice(known: type[Answer] | type[Outcome]) -> BeforeValidator:
    words = [choice.value for choice in known]

    def read(given: Any) -> Any:
        if given not in words:
            raise refuse(f"{shown(given)} is not known here", suggest(str(given), words))
        return known(given)

    written = Annotated[str, Field(json_schema_extra={"enum": [*words]})]
    return BeforeValidator(read, json_schema_input_type=written)


class Case(Section):
    """One situation, and what the policy must say of it."""

    case: Text = Field(description="The situation in a sentence.")
    stage: StageName = Field(alias="from", description="The stage that the candidate is in.")
    given: Given = Field(default_factory=Given, description="What is known of candidate and champion.")
    at: Timestamp | None = Field(
        None,
        description="When, in UTC: 2026-12-24 10:00. Without it no freeze holds and no exception has ended.",
    )
    soaked: Span | None = Field(
        None, description="How long it has been in its stage; without it long enough."
    )
    waited: Span | None = Field(
        None, description="How long people have been asked already; without it they are asked just now."
    )
    approved_by: tuple[Text, ...] = Field((), description="Reviewers who said yes to exactly this.")
    rejected_by: tuple[Text, ...] = Field((), description="Reviewers who said no.")
    answer: Annotated[Answer, _choice(Answer)] = Field(description="promote, reject, hold or ask.")
    gates: dict[str, Annotated[Outcome, _choice(Outcome)]] | None = Field(
        None, description="Every gate that neither passes nor skips, with its outcome."
    )
    steps: tuple[AnyStep, ...] | None = Field(None, description="What follows, written as in the policy.")

    @model_validator(mode="after")
    def _one_vote_each(self) -> Self:
        both = sorted({*self.approved_by} & {*self.rejected_by})
        if both:
            what = f"{both[0]} said both yes and no"
            raise refuse_all([Complaint(("rejected_by",), what, "leave one of the two")])
        return self


class CaseFile(Section):
    """What `cases.yaml` may say."""

    groups: dict[str, frozenset[Text]] = Field(default_factory=dict, description="Groups of reviewers.")
    cases: Annotated[tuple[Case, ...], Field(min_length=1)] = Field(description="One entry per situation.")

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        first: dict[str, int] = {}
        doubled = [at for at, case in enumerate(self.cases) if first.setdefault(case.case, at) != at]
        if doubled:
            what = "an earlier case is called so too"
            raise refuse_all(
                Complaint(("cases", at, "case"), what, "say what is different") for at in doubled
            )
        return self
