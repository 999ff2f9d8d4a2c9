"""Does the candidate load and answer in time?"""

import math
from typing import Literal, Self

from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.evidence.told import Told
from registry.words import Value


class Loading(Value):
    """The candidate loaded and answered its input example (or hold-out rows, if it has none)."""

    kind: Literal["loading"] = "loading"
    seconds: float
    answered: bool = True


class LoadNeed(Need):
    """Load the candidate, answer its input example, within a time."""

    kind: Literal["loads"] = "loads"
    within_s: float

    @property
    def key(self) -> str:
        """There is one candidate to load."""
        return "loads"

    def told(self, told: Told) -> Loading | Gap | None:
        """A model that takes for ever crashes."""
        if told.loads_s is None:
            return None
        if math.isinf(told.loads_s):
            return Gap(reason="the model crashed while it was loaded", fault="candidate")
        return Loading(seconds=told.loads_s)

    def wider(self, other: Self) -> Self:
        """The longer time: whoever waits so long knows the shorter one, too."""
        return max(self, other, key=lambda need: need.within_s)
