"""Which needs are answered block by block, and by which question."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

from policies.evidence.answers import AnswersNeed
from policies.evidence.comparison import ComparisonNeed
from policies.evidence.measurement import MetricNeed
from policies.evidence.need import DataNeed, Need
from policies.evidence.slices import BySlice, SliceComparisonNeed, SliceNeed
from validation.blockwise.answers import AnswersAsked
from validation.blockwise.of_both import ComparisonAsked, SlicesComparedAsked
from validation.blockwise.of_one import MetricAsked, SlicesAsked
from validation.blockwise.question import Question
from validation.metrics import MetricUnknown, metric_of
from validation.resampling import MOST_GROUPS
from validation.targets import Classes

_ASKED: Mapping[type[Need], Callable[..., Question]] = {
    MetricNeed: MetricAsked,
    ComparisonNeed: partial(ComparisonAsked, both=True),
    SliceNeed: SlicesAsked,
    SliceComparisonNeed: partial(SlicesComparedAsked, both=True),
}


def question_of(need: Need, rows: int, classes: Classes | None, *, dated: bool) -> Question | None:
    """The question of one need, of so many rows; None where it must see all rows at once."""
    if isinstance(need, AnswersNeed):
        return AnswersAsked(need)
    if type(need) not in _ASKED or not isinstance(need, DataNeed):
        return None
    name: str = getattr(need, "metric")  # noqa: B009 all of the table have one
    try:
        losses = metric_of(name, classes).losses
    except MetricUnknown:
        return None
    if losses is None or (isinstance(need, BySlice) and not need.slices):
        return None
    more: dict[str, Any] = {"slices": need.slices} if isinstance(need, BySlice) else {}
    drawn: Literal["rows", "groups"] = "rows" if rows <= MOST_GROUPS else "groups"
    more |= {"drawn": drawn} if isinstance(need, ComparisonNeed) else {}
    return _ASKED[type(need)](need=need, metric_name=name, classes=classes, dated=dated, **more)


def columns_asked(questions: Sequence[Question]) -> frozenset[str]:
    """All columns that they look at."""
    return frozenset[str]().union(*(each.columns for each in questions))
