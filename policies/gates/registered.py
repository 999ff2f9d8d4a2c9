"""The table of gate kinds: a new gate is a file beside this one, and a row here."""

from typing import Annotated, Any

from pydantic import PlainValidator, SerializeAsAny

from policies.gates.compared_metric import ComparedMetric
from policies.gates.drift import Drifting
from policies.gates.gate import Gate
from policies.gates.loads import Loads
from policies.gates.logged_metric import LoggedMetric
from policies.gates.metric import MeasuredMetric
from policies.gates.monotonic import Monotonic
from policies.gates.predictions import Predictions
from policies.gates.robustness import Robust
from policies.gates.signature import RequiredSignature
from policies.gates.tags import RequiredTags
from policies.kinds import AnyOf, choose

GATES: tuple[type[Gate], ...] = (
    MeasuredMetric,
    ComparedMetric,
    LoggedMetric,
    RequiredSignature,
    RequiredTags,
    Loads,
    Predictions,
    Monotonic,
    Robust,
    Drifting,
)
LATER = frozenset(("scan", "latency", "size", "pytest", "expression"))
"""Gates of the language that are not built yet."""


def _read(given: Any) -> Gate:
    return choose(GATES, given, noun="gate", later=LATER)


AnyGate = Annotated[SerializeAsAny[Gate], PlainValidator(_read), AnyOf(lambda: GATES)]
"""A gate of any registered kind, read from its mapping."""
