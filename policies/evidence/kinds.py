"""The kinds of needs and findings that there are: a new one is a file beside this one, and two rows here."""

from typing import Annotated

from pydantic import Field

from policies.evidence.answers import Answers, AnswersNeed
from policies.evidence.baseline import BaselineNeed
from policies.evidence.calibration import Calibration, CalibrationNeed
from policies.evidence.comparison import Comparison, ComparisonNeed
from policies.evidence.disturbance import Disturbance, DisturbanceNeed
from policies.evidence.drift import Drift, DriftNeed
from policies.evidence.fairness import Groups, GroupsNeed
from policies.evidence.gap import Gap
from policies.evidence.latency import Latency, LatencyNeed
from policies.evidence.loading import Loading, LoadNeed
from policies.evidence.measurement import Measurement, MetricNeed
from policies.evidence.memory import Memory, MemoryNeed
from policies.evidence.monotony import Monotony, MonotonyNeed
from policies.evidence.overlap import Overlap, OverlapNeed
from policies.evidence.scan import Scan, ScanNeed
from policies.evidence.size import Size, SizeNeed
from policies.evidence.slices import SliceComparison, SliceComparisonNeed, SliceMeasurement, SliceNeed
from policies.evidence.team_tests import TeamTests, TeamTestsNeed
from policies.evidence.worst_slices import WorstSlices, WorstSlicesNeed

AnyNeed = Annotated[
    LoadNeed
    | MetricNeed
    | ComparisonNeed
    | BaselineNeed
    | AnswersNeed
    | MonotonyNeed
    | DisturbanceNeed
    | DriftNeed
    | SliceNeed
    | SliceComparisonNeed
    | ScanNeed
    | SizeNeed
    | LatencyNeed
    | OverlapNeed
    | TeamTestsNeed
    | CalibrationNeed
    | GroupsNeed
    | WorstSlicesNeed
    | MemoryNeed,
    Field(discriminator="kind"),
]  # fmt: skip

Finding = Annotated[
    Loading
    | Measurement
    | Comparison
    | Answers
    | Monotony
    | Disturbance
    | Drift
    | SliceMeasurement
    | SliceComparison
    | Scan
    | Size
    | Latency
    | Overlap
    | TeamTests
    | Calibration
    | Groups
    | WorstSlices
    | Memory
    | Gap,
    Field(discriminator="kind"),
]  # fmt: skip
