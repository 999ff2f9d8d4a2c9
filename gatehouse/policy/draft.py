"""A first policy with its cases, made from what a model's newest version says of itself. Pure."""

import math
import re
from dataclasses import dataclass

from gatehouse.policy.rendering import render
from policies.metrics import METRICS, Better
from registry.words import VersionFacts

USUAL = "mae"
"""Where the run logged no metric that Gatehouse measures."""
HELD_OUT = ("val", "valid", "test", "eval", "holdout")
SLACK = 0.1


@dataclass(frozen=True)
class Answers:
    """What only a person knows: the column to be predicted, the margin as a fraction, how many approve."""

    target: str
    margin: float
    approvals: int


@dataclass(frozen=True)
class Logged:
    """The metric of the run that the policy asks for, with a bound a tenth worse, and a value much worse."""

    name: str
    metric: str
    value: float

    @property
    def limit(self) -> str:
        """The key that bounds it."""
        return "max" if METRICS[self.metric] is Better.SMALLER else "min"

    @property
    def bound(self) -> float:
        """A tenth worse."""
        return _moved(self.metric, self.value, SLACK)

    @property
    def worse(self) -> float:
        """Far beyond the bound."""
        return _moved(self.metric, self.value, 10 * SLACK)


@dataclass(frozen=True)
class Draft:
    """The texts of the two files."""

    policy: str
    cases: str


def draft(facts: VersionFacts, answers: Answers) -> Draft:
    """The files for a model, from one of its versions."""
    logged = logged_metric(facts)
    metric = logged.metric if logged else USUAL
    values = {
        "model": facts.name,
        "version": facts.version,
        "variable": f"{variable(facts.name)}_HOLDOUT",
        "target": answers.target,
        "signed": bool(facts.signature and facts.signature.inputs),
        "logged": logged,
        "metric": metric,
        "margin": f"{100 * answers.margin:g}%",
        "approvals": answers.approvals,
        "reviewers": [f"reviewer-{number + 1}" for number in range(answers.approvals)],
        "figures": _figures(metric, logged, answers.margin),
    }
    return Draft(render("first-policy.yaml", **values), render("first-cases.yaml", **values))


def logged_metric(facts: VersionFacts) -> Logged | None:
    """The logged metric that Gatehouse measures too; one on held-out rows before others, errors first."""
    found = [
        Logged(name, metric, value)
        for name, value in facts.logged.items()
        for metric in METRICS
        if re.search(rf"(^|[^a-z0-9]){metric}$", name.lower()) and _is_usable(value)
    ]
    return min(found, key=_preference, default=None)


def target_of(facts: VersionFacts) -> str | None:
    """The column that the model predicts, where its signature has one named output."""
    outputs = facts.signature.outputs if facts.signature else ()
    return outputs[0].name if len(outputs) == 1 else None


def _is_usable(value: float) -> bool:
    """Whether bounds can be set around a figure."""
    return value != 0 and math.isfinite(10 * value)


def _preference(logged: Logged) -> tuple[bool, int, str]:
    held_out = logged.name.lower().startswith(HELD_OUT)
    return not held_out, list(METRICS).index(logged.metric), logged.name


def variable(model: str) -> str:
    """What the names of environment variables for a model's data sets begin with."""
    name = re.sub(r"[^A-Z0-9]+", "_", model.upper()).strip("_")
    return name if name and not name[0].isdigit() else f"MODEL_{name}"


def _figures(metric: str, logged: Logged | None, margin: float) -> dict[str, float]:
    """A champion's figure, and candidates safely on either side of what the margin allows."""
    champion = logged.value if logged and logged.value > 0 else 1.0
    smaller = METRICS[metric] is Better.SMALLER
    allowed = champion * (1 + margin if smaller else 1 - margin)
    better, worse = (allowed * 0.9, allowed * 1.5) if smaller else (allowed * 1.1, allowed * 0.5)
    return {"champion": champion, "better": _short(better), "worse": _short(worse)}


def _moved(metric: str, value: float, share: float) -> float:
    """The value moved to the worse side by a share of its size."""
    sign = 1 if METRICS[metric] is Better.SMALLER else -1
    return _short(value + sign * share * abs(value))


def _short(value: float) -> float:
    return float(f"{value:.3g}")
