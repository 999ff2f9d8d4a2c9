"""The kinds of needs and findings that there are: a new one is a file beside this one, and two rows here."""

from typing import Annotated

from pydantic import Field

from policies.evidence.comparison import Comparison, ComparisonNeed
from policies.evidence.gap import Gap
from policies.evidence.latency import Latency, LatencyNeed
from policies.evidence.loading import Loading, LoadNeed
from policies.evidence.measurement import Measurement, MetricNeed
from policies.evidence.scan import Scan, ScanNeed
from policies.evidence.size import Size, SizeNeed
from policies.evidence.team_tests import TeamTests, TeamTestsNeed

AnyNeed = Annotated[
    LoadNeed
    | MetricNeed
    | ComparisonNeed
    | ScanNeed
    | SizeNeed
    | LatencyNeed
    | TeamTestsNeed,
    Field(discriminator="kind"),
]  # fmt: skip

Finding = Annotated[
    Loading
    | Measurement
    | Comparison
    | Scan
    | Size
    | Latency
    | TeamTests
    | Gap,
    Field(discriminator="kind"),
]  # fmt: skip
