"""Evidence: the facts a policy judges, and the needs by which its gates ask for them.

A gate asks for a `Need`; whoever measures answers each need with a `Finding` under the need's key: the
thing itself, or a `Gap` that says why it could not be had. What is neither there nor a gap was never asked
for. Nothing here measures; the values are small, so a decision can be computed again from them years later.
"""

import hashlib
import json
from typing import Annotated, Literal

from pydantic import Field

from registry.words import Value, VersionFacts


class LoadNeed(Value):
    """Load the candidate, answer its input example, within a time."""

    kind: Literal["loads"] = "loads"
    within_s: float

    @property
    def key(self) -> str:
        """Where the finding stands."""
        return "loads"


class MetricNeed(Value):
    """Measure one metric of the candidate on one data set."""

    kind: Literal["metric"] = "metric"
    metric: str
    dataset: str

    @property
    def key(self) -> str:
        """Where the finding stands."""
        return f"{self.metric} on {self.dataset}"


class ComparisonNeed(Value):
    """Compare candidate and champion by one metric, on exactly the same rows of one data set."""

    kind: Literal["comparison"] = "comparison"
    metric: str
    dataset: str

    @property
    def key(self) -> str:
        """Where the finding stands."""
        return f"{self.metric} against champion on {self.dataset}"


Need = LoadNeed | MetricNeed | ComparisonNeed


class Loading(Value):
    """The candidate loaded and answered its input example (or hold-out rows, if it has none)."""

    kind: Literal["loading"] = "loading"
    seconds: float
    answered: bool = True


class Measurement(Value):
    """One metric of the candidate; `value` in the metric's own unit, over `rows` rows."""

    kind: Literal["measurement"] = "measurement"
    value: float
    rows: int


class Comparison(Value):
    """Candidate and champion on the same rows.

    `log_ratio` is ln(candidate / champion) of the metric and `se` its standard error by the delta method
    over paired per-row losses: g = k(l_c/mean l_c - l_b/mean l_b), se = sd(g)/sqrt(n), k = 1/2 for RMSE and 1
    for MAE. `None` where the metric has no per-row losses, or the ratio is undefined (a zero mean).
    """

    kind: Literal["comparison"] = "comparison"
    candidate: float
    champion: float
    rows: int
    log_ratio: float | None = None
    se: float | None = None


class Gap(Value):
    """A need that could not be met, in one sentence a data scientist understands.

    `fault` says whose it is: the candidate's own (it crashed, hung, lied: trying again cannot help), or the
    surroundings' (no data set, no memory, registry away: "could not tell").
    """

    kind: Literal["gap"] = "gap"
    reason: str
    fault: Literal["candidate", "surroundings"] = "surroundings"


Finding = Annotated[Loading | Measurement | Comparison | Gap, Field(discriminator="kind")]


class Evidence(Value):
    """All that is judged of one candidate: its facts, the champion's, and the findings by need key.

    `datasets` maps each data set's name to the digest of exactly what was read.
    """

    candidate: VersionFacts
    champion: VersionFacts | None = None
    findings: dict[str, Finding] = Field(default_factory=dict)
    datasets: dict[str, str] = Field(default_factory=dict)

    def digest(self) -> str:
        """SHA-256 over the canonical JSON: equal evidence, equal digest."""
        return digest_of(self)


def digest_of(value: Value) -> str:
    """SHA-256 of a value's JSON with sorted keys and sets, in hex.

    Defaults are left out: a field that a later version adds does not change what was said without it.
    """
    plain = json.loads(value.model_dump_json(exclude_defaults=True))
    return hashlib.sha256(json.dumps(_sorted(plain), sort_keys=True).encode()).hexdigest()


def _sorted(plain: object) -> object:
    """Lists that were sets have no order of their own; authors and aliases are the only ones."""
    if isinstance(plain, dict):
        return {k: sorted(v) if k in {"authors", "aliases"} else _sorted(v) for k, v in plain.items()}
    if isinstance(plain, list):
        return [_sorted(item) for item in plain]
    return plain
