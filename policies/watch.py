"""Watch: gates that a champion must go on passing for a time, when they are due, and what follows if not.

Pure: doing it is left to `workers.watch`. Limits only: comparing again and again with a bound that holds once
would sooner or later find a difference that there is not.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainValidator, SerializeAsAny, model_validator

from policies.gates.registered import AnyGate
from policies.kinds import choose
from policies.problems import suggest
from policies.quantities import Span
from policies.section import Complaint, Section, refuse, refuse_all
from policies.steps import Tell
from policies.verdicts import Outcome, Severity, Verdict

ROLLBACK: Literal["rollback"] = "rollback"
OFTEN = timedelta(minutes=1)


def _read(given: Any) -> Tell | Literal["rollback"]:
    if given == ROLLBACK:
        return ROLLBACK
    if isinstance(given, str):
        raise refuse(f"unknown step '{given}'", suggest(given, [ROLLBACK]))
    return choose((Tell,), given, noun="step")


_Written = Tell | Literal["rollback"]
Remedy = Annotated[
    SerializeAsAny[Tell] | Literal["rollback"], PlainValidator(_read, json_schema_input_type=_Written)
]
"""`rollback`: the champion before goes back to its place. Or somebody to be told."""


class Watch(Section):
    """How a champion is looked after once it is one."""

    every: Span = Field(description="How often its gates are judged: 1h.")
    lasts: Span = Field(alias="for", description="For how long after its promotion: 7d.")
    gates: Annotated[tuple[AnyGate, ...], Field(min_length=1)] = Field(
        description="Conditions that it must go on meeting, on a data set that is kept fresh."
    )
    on_fail: Annotated[tuple[Remedy, ...], Field(min_length=1)] = Field(
        description="What follows if one fails: rollback, {notify: CHANNEL}."
    )

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        complaints = [*self._times(), *self._gates()]
        if complaints:
            raise refuse_all(complaints)
        return self

    @property
    def rolls_back(self) -> bool:
        """Whether a failure puts the champion before back."""
        return ROLLBACK in self.on_fail

    @property
    def told(self) -> tuple[str, ...]:
        """The channels that are told of a failure."""
        return tuple(step.notify for step in self.on_fail if isinstance(step, Tell))

    def next_look(self, since: datetime, now: datetime) -> datetime | None:
        """When it is due next, of a champion promoted at `since`; None if its time is over."""
        after = since + (max(now - since, timedelta()) // self.every + 1) * self.every
        return after if after <= since + self.lasts else None

    def looks_at(self, since: datetime, now: datetime) -> bool:
        """Whether a look now counts: from the first time it is due until one late look after the last."""
        return since + self.every <= now < since + self.lasts + self.every

    def _times(self) -> list[Complaint]:
        if self.every < OFTEN:
            return [Complaint(("every",), "a model is run at each look", "write 1m or more")]
        if self.every > self.lasts:
            return [Complaint(("every",), "it would be over before the first look", "write at most for")]
        return []

    def _gates(self) -> list[Complaint]:
        seen = Counter[str]()
        complaints = []
        for index, gate in enumerate(self.gates):
            seen[gate.label] += 1
            if seen[gate.label] > 1:
                what = f"an earlier gate of this watch is called '{gate.label}' too"
                complaints.append(Complaint(("gates", index), what, "give this one a name of its own"))
            if any(need.against_champion for need in gate.needs()):
                what = "the champion cannot be compared with itself"
                complaints.append(
                    Complaint(("gates", index), what, "write a limit: {metric: rmse, max: 6.0}")
                )
        return complaints


def failures(verdicts: Sequence[Verdict]) -> list[str]:
    """What speaks against a champion, in sentences."""
    return [v.sentence for v in verdicts if v.outcome is Outcome.FAIL and v.severity is Severity.BLOCK]


def doubts(verdicts: Sequence[Verdict]) -> list[str]:
    """What could not be told of it: no reason to roll back, but one for people to look."""
    unclear = {Outcome.ERROR, Outcome.INCONCLUSIVE}
    return [v.sentence for v in verdicts if v.outcome in unclear and v.severity is Severity.BLOCK]
