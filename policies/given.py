"""Given: a candidate and a champion as a case describes them, turned into the evidence that gates read."""

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from policies.evaluate import needs
from policies.evidence.evidence import Evidence
from policies.evidence.need import DataNeed, Need
from policies.evidence.told import Told
from policies.gates.metric import HOLDOUT
from policies.language import Policy, Rule
from policies.quantities import Count, Text, WrittenPercent, parse_duration, parse_percent
from policies.section import Section, refuse
from policies.wording import shown
from registry.words import Column, Signature, VersionFacts

Number = Annotated[float, Field(strict=True)]
"""A number; .nan and .inf are figures that a model may well produce."""
Figure = Number | Text | dict[Text, Number]
"""Several numbers by name where a gate asks for several, a word such as 40MB where it asks for one."""


def _uncertainty(given: Any) -> float:
    share = parse_percent(given)
    if not 0 <= share <= 1:
        raise refuse(f"{shown(given)} is no uncertainty", "write one from 0% to 100%")
    return share


_Share = Annotated[float, BeforeValidator(_uncertainty, json_schema_input_type=WrittenPercent)]
_SIGNATURE = Signature(inputs=(Column(name="x", type="double"),))


def _loading(given: Any) -> Any:
    return given if given in {"never", "unknown"} else parse_duration(given)


class Given(Section):
    """What is known; of what is left out, facts are as they should be and figures were not measured."""

    signature: Literal["present", "missing", "incompatible"] = Field(
        "present",
        description="Whether it was logged with one; incompatible: it demands what the champion's does not.",
    )
    tags: dict[str, str] = Field(default_factory=dict, description="Tags of the model version.")
    logged: dict[str, Number] = Field(default_factory=dict, description="Metrics that its run logged.")
    authors: frozenset[Text] = Field(frozenset(), description="Who made it: they cannot approve it.")
    loads: Annotated[
        float | Literal["never", "unknown"], BeforeValidator(_loading, json_schema_input_type=str)
    ] = Field(1.0, description="Time to load and answer: 5s; never: it crashes; unknown: it was not tried.")
    measured: dict[str, Figure] = Field(
        default_factory=dict, description="Measured figures, by name; 'rmse on fresh' for another data set."
    )
    champion: dict[str, Figure] | None = Field(
        None, description="The champion's measured figures; without the key this is a first version."
    )
    uncertainty: Annotated[float, BeforeValidator(_uncertainty, json_schema_input_type=WrittenPercent)] = (
        Field(0.0, description="Standard error of a comparison with the champion.")
    )
    rows: Count = Field(10_000, description="Rows that every figure rests on.")

    def evidence(self, policy: Policy, rule: Rule) -> Evidence:
        """The evidence that the rule's gates ask for, as far as it is given. Raises CaseUnfit."""
        wanted = needs(policy, rule)
        found = {need.key: need.told(self._told(_meant_elsewhere(need, wanted))) for need in wanted}
        return Evidence.model_validate(
            {
                "candidate": self._candidate(policy),
                "champion": None if self.champion is None else _champion(policy),
                "findings": {key: finding for key, finding in found.items() if finding is not None},
            }
        )

    def unasked(self, policy: Policy, rule: Rule) -> list[str]:
        """Figures that no gate of the rule asks for: mostly a slip of the pen."""
        wanted = {name for need in needs(policy, rule) for name in need.names}
        return sorted({*self.measured, *(self.champion or {})} - wanted)

    def _candidate(self, policy: Policy) -> VersionFacts:
        inputs = _SIGNATURE.inputs
        if self.signature == "incompatible":
            inputs += (Column(name="new", type="double"),)
        return VersionFacts(
            name=policy.models[0],
            version=2,
            source="a case",
            tags=self.tags,
            logged=self.logged,
            authors=self.authors,
            signature=None if self.signature == "missing" else Signature(inputs=inputs),
        )

    def _told(self, elsewhere: Collection[str]) -> Told:
        return Told(
            candidate=_without(elsewhere, self.measured),
            champion=None if self.champion is None else _without(elsewhere, self.champion),
            rows=self.rows,
            uncertainty=self.uncertainty,
            loads_s=self._loads_s,
        )

    @property
    def _loads_s(self) -> float | None:
        match self.loads:
            case "never":
                return math.inf
            case "unknown":
                return None
            case seconds:
                return seconds


def _without(names: Collection[str], figures: Mapping[str, Figure]) -> dict[str, Figure]:
    return {name: figure for name, figure in figures.items() if name not in names}


def _meant_elsewhere(need: Need, wanted: Iterable[Need]) -> set[str]:
    """Names that this need shares with one on another data set: a metric alone means the hold-out's."""
    if not isinstance(need, DataNeed) or need.dataset == HOLDOUT:
        return set()
    others = (each for each in wanted if isinstance(each, DataNeed) and each.dataset != need.dataset)
    return {name for other in others for name in other.names} & set(need.names)


def _champion(policy: Policy) -> VersionFacts:
    return VersionFacts(name=policy.models[0], version=1, source="a case", signature=_SIGNATURE)
