"""The kinds of needs and findings that there are: a new one is a file beside this one, and two rows here."""

from typing import Annotated

from pydantic import Field

from policies.evidence.comparison import Comparison, ComparisonNeed
from policies.evidence.gap import Gap
from policies.evidence.loading import Loading, LoadNeed
from policies.evidence.measurement import Measurement, MetricNeed

AnyNeed = Annotated[
    LoadNeed
    | MetricNeed
    | ComparisonNeed,
    Field(discriminator="kind"),
]  # fmt: skip

Finding = Annotated[
    Loading
    | Measurement
    | Comparison
    | Gap,
    Field(discriminator="kind"),
]  # fmt: skip
