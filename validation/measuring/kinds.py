"""The table of what can be measured: for each kind of need, how its finding is made.

A new kind is a file beside this one and a row here; its need and finding stand in `policies.evidence`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policies.evidence.answers import AnswersNeed
from policies.evidence.baseline import BaselineNeed
from policies.evidence.calibration import CalibrationNeed
from policies.evidence.comparison import ComparisonNeed
from policies.evidence.disturbance import DisturbanceNeed
from policies.evidence.drift import DriftNeed
from policies.evidence.fairness import GroupsNeed
from policies.evidence.gap import Gap
from policies.evidence.kinds import Finding
from policies.evidence.latency import LatencyNeed
from policies.evidence.loading import LoadNeed
from policies.evidence.measurement import MetricNeed
from policies.evidence.memory import MemoryNeed
from policies.evidence.monotony import MonotonyNeed
from policies.evidence.need import Need
from policies.evidence.overlap import OverlapNeed
from policies.evidence.scan import ScanNeed
from policies.evidence.size import SizeNeed
from policies.evidence.slices import SliceComparisonNeed, SliceNeed
from policies.evidence.worst_slices import WorstSlicesNeed
from validation.holdout import Holdout
from validation.measuring import disturbance, monotony
from validation.measuring.answers import answers
from validation.measuring.baseline import baseline
from validation.measuring.calibration import calibration
from validation.measuring.comparison import comparison
from validation.measuring.drift import drift
from validation.measuring.fairness import groups
from validation.measuring.files import scan, size
from validation.measuring.latency import calls, latency
from validation.measuring.loading import loading
from validation.measuring.memory import memory
from validation.measuring.metric import measurement
from validation.measuring.overlap import overlap
from validation.measuring.scores import Scores, Unmeasured
from validation.measuring.slices import slice_comparison, slice_measurement
from validation.measuring.worst_slices import worst_slices
from validation.metric import MetricUndefined
from validation.rows import Rows
from validation.sandbox import Sandbox


def _no_more(_: Any, __: Holdout) -> Mapping[str, Rows]:
    return {}


def _untimed(_: Any, __: Holdout) -> Sequence[NDArray[np.int64]]:
    return []


@dataclass(frozen=True)
class Measured:
    """How a kind of need is measured: purely, of what was scored.

    `finding` raises Unmeasured or MetricUndefined for what cannot be told. `tables` are rows made from the
    data set's that the candidate is to answer, too, by the name under which `finding` asks for them. `calls`
    are rows of the data set by place, each of them one call to be timed under the need's key.
    """

    finding: Callable[[Any, Scores], Finding]
    tables: Callable[[Any, Holdout], Mapping[str, Rows]] = _no_more
    calls: Callable[[Any, Holdout], Sequence[NDArray[np.int64]]] = _untimed


KINDS: Mapping[type[Need], Measured] = {
    LoadNeed: Measured(loading),
    MetricNeed: Measured(measurement),
    ComparisonNeed: Measured(comparison),
    BaselineNeed: Measured(baseline),
    AnswersNeed: Measured(answers),
    MonotonyNeed: Measured(monotony.monotony, monotony.tables),
    DisturbanceNeed: Measured(disturbance.disturbance, disturbance.tables),
    DriftNeed: Measured(drift),
    SliceNeed: Measured(slice_measurement),
    SliceComparisonNeed: Measured(slice_comparison),
    LatencyNeed: Measured(latency, calls=calls),
    CalibrationNeed: Measured(calibration),
    GroupsNeed: Measured(groups),
    WorstSlicesNeed: Measured(worst_slices),
    MemoryNeed: Measured(memory),
    OverlapNeed: Measured(overlap),
}

OF_FILES: Mapping[type[Need], Callable[[Any, Path, Sandbox], Finding]] = {
    ScanNeed: scan,
    SizeNeed: size,
}
"""Kinds that are answered of the candidate's files, before it is loaded."""


def finding_of(need: Need, scores: Scores) -> Finding:
    """The answer to one need; a gap where there is none."""
    try:
        return KINDS[type(need)].finding(need, scores)
    except Unmeasured as unmeasured:
        return unmeasured.gap
    except MetricUndefined as undefined:
        return Gap(reason=str(undefined), fault=undefined.fault)


def of_files(need: Need, folder: Path, sandbox: Sandbox) -> Finding:
    """The answer to a need of `OF_FILES`; a gap where there is none."""
    try:
        return OF_FILES[type(need)](need, folder, sandbox)
    except Unmeasured as unmeasured:
        return unmeasured.gap
    except OSError as error:
        return Gap(reason=f"the candidate's files cannot be read: {error}")


def calls_of(need: Need, holdout: Holdout) -> Sequence[NDArray[np.int64]]:
    """The rows of each call that a need has timed, by place."""
    return KINDS[type(need)].calls(need, holdout)


def tables_of(need: Need, holdout: Holdout) -> Mapping[str, Rows]:
    """The tables that a need asks for beside the data set's own rows."""
    return KINDS[type(need)].tables(need, holdout)
