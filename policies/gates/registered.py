"""The table of gate kinds: a new gate is a file beside this one, and a row here."""

from typing import Annotated, Any

from pydantic import PlainValidator, SerializeAsAny

from policies.gates.compared_metric import ComparedMetric
from policies.gates.gate import Gate
from policies.gates.latency import LatencyGate
from policies.gates.loads import Loads
from policies.gates.logged_metric import LoggedMetric
from policies.gates.metric import MeasuredMetric
from policies.gates.scan import SafeScan
from policies.gates.signature import SignatureGate
from policies.gates.size import LargestSize
from policies.gates.tags import RequiredTags
from policies.gates.team_tests import TeamTestsGate
from policies.kinds import AnyOf, choose

GATES: tuple[type[Gate], ...] = (
    MeasuredMetric,
    ComparedMetric,
    LoggedMetric,
    SignatureGate,
    RequiredTags,
    Loads,
    SafeScan,
    LargestSize,
    LatencyGate,
    TeamTestsGate,
)
LATER = frozenset(("predictions", "monotonic", "robustness", "drift", "expression"))
"""Gates of the language that are not built yet."""


def _read(given: Any) -> Gate:
    return choose(GATES, given, noun="gate", later=LATER)


AnyGate = Annotated[SerializeAsAny[Gate], PlainValidator(_read), AnyOf(lambda: GATES)]
"""A gate of any registered kind, read from its mapping."""
