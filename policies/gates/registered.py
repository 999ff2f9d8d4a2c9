"""The table of gate kinds: a new one is a file beside this one, and a row here. A team's own is installed."""

from functools import cache
from typing import Annotated, Any

from pydantic import PlainValidator, SerializeAsAny

from policies.gates.calibration import CalibrationGate
from policies.gates.compared_metric import ComparedMetric
from policies.gates.drift import Drifting
from policies.gates.expression import Expression
from policies.gates.fairness import Fairness
from policies.gates.gate import Gate
from policies.gates.installed import GROUP, Installed, installed
from policies.gates.latency import LatencyGate
from policies.gates.loads import Loads
from policies.gates.logged_metric import LoggedMetric
from policies.gates.memory import LargestMemory
from policies.gates.metric import MeasuredMetric
from policies.gates.monotonic import Monotonic
from policies.gates.predictions import Predictions
from policies.gates.robustness import Robust
from policies.gates.scan import SafeScan
from policies.gates.signature import SignatureGate
from policies.gates.size import LargestSize
from policies.gates.sliced_metric import SlicedMetric
from policies.gates.soundness import read_with_care
from policies.gates.tags import RequiredTags
from policies.gates.team_tests import TeamTestsGate
from policies.gates.worst_slices import WorstSlicesGate
from policies.kinds import AnyOf, choose, fitting
from policies.section import Complaint, refuse_all

GATES: tuple[type[Gate], ...] = (
    MeasuredMetric,
    ComparedMetric,
    LoggedMetric,
    SignatureGate,
    RequiredTags,
    Loads,
    Predictions,
    Monotonic,
    Robust,
    Drifting,
    Expression,
    SlicedMetric,
    SafeScan,
    LargestSize,
    LatencyGate,
    TeamTestsGate,
    CalibrationGate,
    Fairness,
    WorstSlicesGate,
    LargestMemory,
)


@cache
def from_packages() -> Installed:
    """What installed packages offer; looked for once a process: it takes longer than to read a policy."""
    from importlib.metadata import entry_points

    taken = {mark: kind.example for kind in reversed(GATES) for mark in kind.marks}
    taken |= dict.fromkeys(Gate.model_fields, "every gate")
    return installed(entry_points(group=GROUP), taken)


def all_gates() -> tuple[type[Gate], ...]:
    """Every kind that a policy may name here."""
    return (*GATES, *from_packages().kinds)


def _read(given: Any) -> Gate:
    """Ours first: packages are asked for nothing that is ours."""
    if not isinstance(given, dict) or not given or fitting(GATES, given):
        return choose(GATES, given, noun="gate")
    for unusable in from_packages().unusable:
        if unusable.gate in given:
            raise refuse_all([Complaint((unusable.gate,), str(unusable), "mend that package", on_key=True)])
    return read_with_care(lambda: choose(all_gates(), given, noun="gate"))


AnyGate = Annotated[SerializeAsAny[Gate], PlainValidator(_read), AnyOf(all_gates)]
"""A gate of any kind, read from its mapping."""
