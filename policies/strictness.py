"""Which way a key's value grows stricter: moved that way, it can only make fewer versions pass.

Only what is certain is declared. A larger `confidence`, for one, turns some failures into questions.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Effect = Literal["", "stricter", "looser"]
"""Empty where nothing certain can be said."""


@dataclass(frozen=True)
class Stricter:
    """Ranks the values of one key: the higher, the stricter."""

    rank: Callable[[Any], float]

    def effect(self, old: Any, new: Any) -> Effect:
        """What the change from one value to another does."""
        before, after = self.rank(old), self.rank(new)
        if before == after:
            return ""
        return "stricter" if after > before else "looser"


def towards(*words: str) -> Stricter:
    """Words from the laxest to the strictest."""
    return Stricter(words.index)


SMALLER = Stricter(lambda value: -math.inf if value is None else -value)
"""An upper limit; none at all is the laxest."""
LARGER = Stricter(lambda value: -math.inf if value is None else value)
"""A lower limit; none at all is the laxest."""
MORE = Stricter(len)
"""A list of demands: each one more is one more to be met."""
