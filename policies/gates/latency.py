"""`{latency: {p95: 25ms, rows: 1}}`: the candidate answers a few rows quickly enough."""

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.latency import PERCENTILES, Latency, LatencyNeed
from policies.evidence.need import Need
from policies.figures import numbers
from policies.gates.gate import Gate, seek
from policies.gates.metric import HOLDOUT
from policies.quantities import Count, Text, parse_duration
from policies.section import Section, refuse
from policies.strictness import SMALLER, Stricter
from policies.verdicts import Outcome, Verdict

LEAST_CALLS = 20
"""Fewer say nothing of a percentile."""

Duration = Annotated[float, BeforeValidator(parse_duration, json_schema_input_type=str)]


class LatencyBounds(Section):
    """How long single calls may take."""

    stricter: ClassVar[Mapping[str, Stricter]] = dict.fromkeys(PERCENTILES, SMALLER)

    p50: Duration | None = Field(None, description="Half of the calls take at most so long: 10ms.")
    p95: Duration | None = Field(None, description="Of 100 calls 95 take at most so long: 25ms.")
    p99: Duration | None = Field(None, description="Of 100 calls 99 take at most so long: 40ms.")
    rows: Annotated[Count, Field(le=100_000)] = Field(1, description="Rows of one call.")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not self.bounds:
            raise refuse("'latency' has no bound", "add p50, p95 or p99, such as p95: 25ms")
        return self

    @property
    def bounds(self) -> dict[str, float]:
        """Seconds by percentile, of those that are bounded."""
        given = {name: getattr(self, name) for name in PERCENTILES}
        return {name: bound for name, bound in given.items() if bound is not None}


class LatencyGate(Gate):
    """Calls are timed outside the model's process, after warming up, the rows handed over within the time."""

    marks: ClassVar[tuple[str, ...]] = ("latency",)
    example: ClassVar[str] = "{latency: {p95: 25ms, rows: 1}}"

    latency: LatencyBounds = Field(description="Bounds for p50, p95, p99, and the rows of a call.")
    dataset: Text = Field(HOLDOUT, description="Name of the data set that the rows are taken from.")

    @property
    def subject(self) -> str:
        """The rows of a call, if there are several."""
        rows = "" if self.latency.rows == 1 else f" of {self.latency.rows:,} rows"
        where = "" if self.dataset == HOLDOUT else f" on {self.dataset}"
        return f"latency{rows}{where}"

    def needs(self) -> tuple[Need, ...]:
        """Calls of so many rows."""
        return (LatencyNeed(rows_a_call=self.latency.rows, dataset=self.dataset),)

    def judge(self, evidence: Evidence) -> Verdict:
        """Fails by the percentile that is furthest beyond its bound."""
        found = seek(evidence, self.needs()[0], Latency)
        if isinstance(found, Gap):
            return self.without(found)
        times = [getattr(found, name) for name in (*PERCENTILES, "fastest", "slowest")]
        if not all(math.isfinite(seconds) and seconds >= 0 for seconds in times):
            return self.says(Outcome.ERROR, f"{self.subject} was {times}, which are not figures")
        bounds = self.latency.bounds
        name = max(bounds, key=lambda name: getattr(found, name) / bounds[name])
        value, bound = getattr(found, name), bounds[name]
        told, allowed, fastest, slowest = numbers(
            *(1000 * seconds for seconds in (value, bound, found.fastest, found.slowest))
        )
        enough = found.calls >= LEAST_CALLS
        outcome = Outcome.PASS if value <= bound and enough else Outcome.FAIL
        if not enough and found.fastest <= bound:
            outcome = Outcome.ERROR
        few = "" if enough else f": at least {LEAST_CALLS} are needed"
        return self.says(
            outcome,
            f"{self.subject}: {name} was {told} ms, at most {allowed} ms allowed, over {found.calls:,} calls "
            f"from {fastest} to {slowest} ms{few}",
            value=value,
            bound=bound,
        )
