"""Sketch: what is kept of all that was scored, so that a report can be drawn without running a model again.

Counts by bins and by classes, bounded whatever the number of rows; no row can be told from it. It is kept
beside the evidence, by the evidence's digest, and nothing is decided by it.
"""

from typing import Annotated, Literal

from pydantic import Field

from policies.evidence.kinds import AnyNeed
from registry.words import Value

Counts = tuple[int, ...]


class Grid(Value):
    """Rows by figures: `counts[p][a]` of the p-th bin of predicted and the a-th of actual values.

    Both axes go from `low` to `high` in bins of equal width; `outside` counts the rows beyond either.
    """

    low: float
    high: float
    counts: tuple[Counts, ...]
    outside: int = 0


class Bars(Value):
    """Rows by one figure, in bins of equal width from `low` to `high`; `below` and `above` lie beyond."""

    low: float
    high: float
    counts: Counts
    below: int = 0
    above: int = 0


class OfFigures(Value):
    """One model that predicts figures: predicted against actual, and its errors (predicted less actual)."""

    kind: Literal["figures"] = "figures"
    grid: Grid
    errors: Bars


class Given(Value):
    """Probabilities that a model gave, by bins of equal width from 0 to 1: of rows that are 1, and are 0."""

    ones: Counts
    zeros: Counts


class OfClasses(Value):
    """One model that predicts classes: `counts[a][p]` rows of the a-th label were given the p-th.

    `elsewhere` counts the rows of which either is none of `labels`; `given` is there for probabilities.
    """

    kind: Literal["classes"] = "classes"
    labels: tuple[float, ...]
    counts: tuple[Counts, ...]
    elsewhere: int = 0
    given: Given | None = None
    surest: Given | None = None
    """Of several classes: the probability of the label that was given, 1 where it was right."""


Shown = Annotated[OfFigures | OfClasses, Field(discriminator="kind")]


class Seen(Value):
    """One data set: what each model made of its rows, as far as it was asked and answered."""

    rows: int
    target: str
    candidate: Shown | None = None
    champion: Shown | None = None


class Moved(Value):
    """One column, or the prediction, here and in training: counts by the same bins, named."""

    dataset: str
    column: str
    psi: float
    bins: tuple[str, ...]
    training: Counts
    here: Counts


class Sketch(Value):
    """All that is kept; `needs` say what each finding of the evidence answers, by its key."""

    needs: dict[str, AnyNeed] = Field(default_factory=dict)
    seen: dict[str, Seen] = Field(default_factory=dict)
    moved: tuple[Moved, ...] = ()
