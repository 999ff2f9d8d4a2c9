"""What is said of a hold-out that has judged many candidates, beside the verdicts and changing none. Pure."""

from collections.abc import Iterable
from typing import Final

from registry.words import Value

MANY: Final = 20


class Use(Value):
    """So many candidates of one registered model were judged on this data by then, this one included."""

    dataset: str
    digest: str
    candidates: int


def warnings(uses: Iterable[Use]) -> tuple[str, ...]:
    """A sentence for each data set that is worn."""
    return tuple(
        f"the data set '{use.dataset}' has judged {use.candidates:,} candidates of this model: "
        "among so many, one looks better by luck; bring rows that have judged none"
        for use in uses
        if use.candidates >= MANY
    )
