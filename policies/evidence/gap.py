"""Gap: the answer to a need that could not be met."""

from typing import Literal

from registry.words import Value


class Gap(Value):
    """A need that could not be met, in one sentence a data scientist understands.

    `fault` says whose it is: the candidate's own (it crashed, hung, lied: trying again cannot help), or the
    surroundings' (no data set, no memory, registry away: "could not tell").
    """

    kind: Literal["gap"] = "gap"
    reason: str
    fault: Literal["candidate", "surroundings"] = "surroundings"
