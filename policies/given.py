"""Given: a candidate and a champion as a case describes them, turned into the evidence that gates read."""

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from policies.evaluate import needs
from policies.evidence import (
    Comparison,
    ComparisonNeed,
    Evidence,
    Finding,
    Gap,
    Loading,
    LoadNeed,
    Measurement,
    MetricNeed,
    Need,
)
from policies.language import Policy, Rule
from policies.quantities import Count, Percent, Text, parse_duration
from policies.section import Section
from registry.words import Column, Signature, VersionFacts

Figure = Annotated[float, Field(strict=True)]
"""A number; .nan and .inf are figures that a model may well produce."""


def _loading(given: Any) -> Any:
    return given if given in {"never", "unknown"} else parse_duration(given)


class Given(Section):
    """What is known; of what is left out, facts are as they should be and figures were not measured."""

    signature: Literal["present", "missing"] = Field("present", description="Whether it was logged with one.")
    tags: dict[str, str] = Field(default_factory=dict, description="Tags of the model version.")
    logged: dict[str, Figure] = Field(default_factory=dict, description="Metrics that its run logged.")
    authors: frozenset[Text] = Field(frozenset(), description="Who made it: they cannot approve it.")
    loads: Annotated[
        float | Literal["never", "unknown"], BeforeValidator(_loading, json_schema_input_type=str)
    ] = Field(1.0, description="Time to load and answer: 5s; never: it crashes; unknown: it was not tried.")
    measured: dict[str, Figure] = Field(
        default_factory=dict, description="Measured metrics, by name; 'rmse on fresh' for another data set."
    )
    champion: dict[str, Figure] | None = Field(
        None, description="The champion's measured metrics; without the key this is a first version."
    )
    uncertainty: Percent = Field(0.0, description="Standard error of a comparison with the champion.")
    rows: Count = Field(10_000, description="Rows that every figure rests on.")

    def evidence(self, policy: Policy, rule: Rule) -> Evidence:
        """The evidence that the rule's gates ask for, as far as it is given."""
        found = {need.key: finding for need in needs(policy, rule) if (finding := self._finding(need))}
        return Evidence(
            candidate=VersionFacts(
                name=policy.models[0],
                version=2,
                source="a case",
                tags=self.tags,
                logged=self.logged,
                authors=self.authors,
                signature=Signature(inputs=(Column(name="x", type="double"),)) if self._signed else None,
            ),
            champion=None if self.champion is None else _champion(policy),
            findings=found,
        )

    def unasked(self, policy: Policy, rule: Rule) -> list[str]:
        """Figures that no gate of the rule asks for: mostly a slip of the pen."""
        wanted = {name for need in needs(policy, rule) for name in _names(need)}
        return sorted({*self.measured, *(self.champion or {})} - wanted)

    @property
    def _signed(self) -> bool:
        return self.signature == "present"

    def _finding(self, need: Need) -> Finding | None:
        if isinstance(need, LoadNeed):
            return self._loading()
        candidate = _figure(self.measured, need)
        if isinstance(need, MetricNeed):
            return None if candidate is None else Measurement(value=candidate, rows=self.rows)
        champion = _figure(self.champion or {}, need)
        if candidate is None or champion is None:
            return None
        sound = all(math.isfinite(x) and x > 0 for x in (candidate, champion))
        return Comparison(
            candidate=candidate,
            champion=champion,
            rows=self.rows,
            log_ratio=math.log(candidate / champion) if sound else None,
            se=self.uncertainty if sound else None,
        )

    def _loading(self) -> Finding | None:
        if self.loads == "never":
            return Gap(reason="the model crashed while it was loaded", fault="candidate")
        return None if self.loads == "unknown" else Loading(seconds=self.loads)


def _champion(policy: Policy) -> VersionFacts:
    return VersionFacts(name=policy.models[0], version=1, source="a case")


def _names(need: Need) -> tuple[str, ...]:
    """What a case may call the figure that a need asks for; the longer name first."""
    if isinstance(need, MetricNeed | ComparisonNeed):
        return (f"{need.metric} on {need.dataset}", need.metric)
    return ()


def _figure(figures: dict[str, float], need: Need) -> float | None:
    return next((figures[name] for name in _names(need) if name in figures), None)
