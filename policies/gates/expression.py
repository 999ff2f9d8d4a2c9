"""`{expression: "candidate.metrics.rmse < 1.1 * candidate.logged.val_rmse"}`: a condition over what is known.

What it refers to must be there, and its figures finite, before it is asked anything: so no way of writing it
passes for want of evidence.
"""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from policies.evidence.comparison import Comparison, ComparisonNeed
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.measurement import Measurement, MetricNeed
from policies.evidence.need import Need
from policies.expressions.condition import Condition, ConditionFailed, compiled
from policies.expressions.reading import ExpressionInvalid, Name
from policies.figures import numbers
from policies.gates.gate import Gate, seek
from policies.gates.metric import HOLDOUT
from policies.metrics import METRICS
from policies.problems import suggest
from policies.quantities import Text
from policies.section import refuse
from policies.verdicts import Outcome, Verdict
from policies.wording import shown

MOST = 1e30
"""Larger figures could overflow where they are multiplied, and infinity is larger than every bound."""
SIDES = ("candidate", "champion")
FAMILIES = ("metrics", "logged", "tags")
TYPES = tuple(
    declared
    for side in SIDES
    for declared in (
        *((f"{side}.metrics.{metric}", "number") for metric in METRICS),
        (f"{side}.logged", "numbers by name"),
        (f"{side}.tags", "texts by name"),
    )
)
"""What an expression may speak of."""


def condition(text: str) -> Condition:
    """The compiled condition. Raises ExpressionInvalid, for names that mean nothing here, too."""
    return compiled(text, TYPES, _known)


def _known(name: Name) -> None:
    side, family, *rest = (*name.parts, "", "")[: max(3, len(name.parts))]
    for part, known in ((side, SIDES), (family, FAMILIES)):
        if part not in known:
            raise ExpressionInvalid(f"no '{part}' in '{name.written}'", suggest(part, known))
    if len(rest) > 1 or not rest[0]:
        example = f"{side}.{family}.{'rmse' if family == 'metrics' else 'NAME'}"
        raise ExpressionInvalid(f"'{name.written}' names nothing", f"write three parts: {example}")
    if family == "metrics" and rest[0] not in METRICS:
        raise ExpressionInvalid(f"no metric '{rest[0]}'", suggest(rest[0], METRICS))
    if family == "metrics" and "[" in name.written:
        raise ExpressionInvalid(f"'{name.written}' is not understood", f"write {side}.metrics.{rest[0]}")


def _compiles(given: Any) -> Any:
    if isinstance(given, str) and given:
        try:
            condition(given)
        except ExpressionInvalid as invalid:
            raise refuse(invalid.what, invalid.instead) from invalid
    return given


class Expression(Gate):
    """A condition in CEL on tags, logged metrics and metrics measured by us; for what no other gate says."""

    marks: ClassVar[tuple[str, ...]] = ("expression",)
    example: ClassVar[str] = (
        "{expression: 'candidate.metrics.rmse < 1.1 * candidate.logged.val_rmse', name: as promised}"
    )

    expression: Annotated[Text, BeforeValidator(_compiles, json_schema_input_type=str)] = Field(
        description="A condition on candidate.metrics.NAME (measured on the data set), candidate.logged.NAME "
        "and candidate.tags.NAME, and on the champion's likewise."
    )
    dataset: Text = Field(HOLDOUT, description="Name of the data set to measure metrics on.")

    @property
    def subject(self) -> str:
        """Its kind: a second one needs a name."""
        return "expression"

    def needs(self) -> tuple[Need, ...]:
        """Each metric that it refers to; the champion's on the same rows as the candidate's."""
        return tuple(
            need for name in condition(self.expression).names if (need := self._need(name)) is not None
        )

    def judge(self, evidence: Evidence) -> Verdict:
        """As the condition says; skips where it refers to a champion that is not there."""
        asked = condition(self.expression)
        if evidence.champion is None and any(name.parts[0] == "champion" for name in asked.names):
            return self.says(Outcome.SKIP, f"'{self.expression}' was not asked: there is no champion yet")
        found = {name: self._value(name, evidence) for name in asked.names}
        for name, value in found.items():
            if isinstance(value, Gap):
                return self.without(value)
            if isinstance(value, float) and not abs(value) <= MOST:
                return self.says(
                    Outcome.ERROR, f"{name.written} was {value}, which is no figure to reckon with"
                )
        try:
            holds = asked.holds(dict(_nested(found)))
        except ConditionFailed as failed:
            return self.says(Outcome.ERROR, f"'{self.expression}' has no answer: {failed}")
        told = "; ".join(f"{name.written} was {_told(value)}" for name, value in found.items())
        words = "holds" if holds else "does not hold"
        return self.says(
            Outcome.PASS if holds else Outcome.FAIL,
            f"'{self.expression}' {words}" + (f": {told}" if told else ""),
        )

    def _need(self, name: Name) -> Need | None:
        side, family, *rest = name.parts
        if family != "metrics":
            return None
        kind = MetricNeed if side == "candidate" else ComparisonNeed
        return kind(metric=rest[0], dataset=self.dataset)

    def _value(self, name: Name, evidence: Evidence) -> float | str | Gap:
        """What a name stands for; a gap where that is not known."""
        side, family, called = name.parts
        need = self._need(name)
        if isinstance(need, MetricNeed):
            measured = seek(evidence, need, Measurement)
            return measured if isinstance(measured, Gap) else measured.value
        if need is not None:
            compared = seek(evidence, need, Comparison)
            return compared if isinstance(compared, Gap) else compared.champion
        facts = evidence.candidate if side == "candidate" else evidence.champion
        assert facts is not None, "without a champion nothing is asked of it"
        known: dict[str, float] | dict[str, str] = facts.logged if family == "logged" else facts.tags
        if called not in known:
            what = "tag" if family == "tags" else "logged metric"
            return Gap(reason=f"the {side} has no {what} '{called}': {suggest(called, sorted(known))}")
        return known[called]


def _nested(found: dict[Name, Any]) -> Iterator[tuple[str, Any]]:
    """Metrics by their full names, tags and logged metrics in mappings, as they are declared."""
    for side in SIDES:
        for family in ("logged", "tags"):
            of_family = {n.parts[2]: v for n, v in found.items() if n.parts[:2] == (side, family)}
            yield f"{side}.{family}", of_family
    yield from ((n.written, v) for n, v in found.items() if n.parts[1] == "metrics")


def _told(value: Any) -> str:
    return numbers(value)[0] if isinstance(value, float) else shown(value)
