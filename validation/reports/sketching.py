"""From all that was scored to a sketch. Pure; what was not answered is left out: the gates say why."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from policies.evidence.drift import DriftNeed
from policies.evidence.need import DataNeed, Need
from policies.evidence.team_tests import TeamTestsNeed
from validation.arrays import Floats
from validation.columns import block, blocks
from validation.holdout import Holdout
from validation.measuring.drift import spreads
from validation.measuring.scores import Scores, Unmeasured
from validation.metrics import METRICS
from validation.reports.bins import apart, bars, grid, looked_at, view
from validation.reports.classes import labels_of, of_classes
from validation.reports.moved import moved
from validation.reports.sketch import Moved, OfFigures, Seen, Shown, Sketch

OF_CLASSES = {name for name, metric in METRICS.items() if metric.counts} | {"auc", "log_loss", "brier"}
"""Metrics that are asked of a model that predicts classes."""


def unscored(needs: Sequence[Need]) -> Sketch:
    """What was asked. A team's tests are left out: their text can be of any length."""
    kept = {need.key: _bare(need) for need in needs if not isinstance(need, TeamTestsNeed)}
    return Sketch.model_validate({"needs": kept})


def sketch(needs: Sequence[Need], scores: Scores) -> Sketch:
    """All that a report may show."""
    names = dict.fromkeys(need.dataset for need in needs if isinstance(need, DataNeed))
    seen = {name: _seen(needs, scores, name) for name in names if isinstance(scores.data[name], Holdout)}
    return unscored(needs).model_copy(update={"seen": seen, "moved": _moved(needs, scores)})


def _bare(need: Need) -> Need:
    """Without the slices' definitions: the finding tells how they were cut."""
    return need.sliced({}) if isinstance(need, DataNeed) else need


def _seen(needs: Sequence[Need], scores: Scores, dataset: str) -> Seen:
    holdout = scores.holdout(dataset)
    found = {"candidate": _answers(scores.predictions, dataset), "champion": None}
    if scores.champion is not None and dataset in scores.champion.scores:
        found["champion"] = _answers(scores.champions, dataset)
    answers = {who: each for who, each in found.items() if each is not None}
    drawn = _classes if _is_of_classes(needs, dataset, holdout) else _figures
    return Seen(rows=holdout.rows, target=holdout.target_name, **drawn(holdout.target, answers))


def _answers(ask: Callable[[str], Floats], dataset: str) -> Floats | None:
    try:
        return ask(dataset)
    except Unmeasured:
        return None


def _is_of_classes(needs: Sequence[Need], dataset: str, holdout: Holdout) -> bool:
    """What the policy asks for says what the target is; a target of 0 and 1 alone says it, too."""
    asked = {getattr(need, "metric", None) for need in needs if getattr(need, "dataset", None) == dataset}
    return bool(asked & OF_CLASSES) or all(
        np.isin(block(holdout.target, rows), (0, 1)).all() for rows in blocks(holdout.rows)
    )


def _figures(target: Floats, answers: Mapping[str, Floats]) -> dict[str, Shown]:
    if not answers:
        return {}
    actual, *predicted = map(looked_at, (target, *answers.values()))
    low, high = view(actual, *predicted)
    least, most = view(*(apart(actual, each) for each in predicted))
    return {
        who: OfFigures(grid=grid(target, each, low, high), errors=bars(target, each, least, most))
        for who, each in answers.items()
    }


def _classes(target: Floats, answers: Mapping[str, Floats]) -> dict[str, Shown]:
    labels = labels_of(target)
    return {who: of_classes(target, each, labels) for who, each in answers.items()}


def _moved(needs: Sequence[Need], scores: Scores) -> tuple[Moved, ...]:
    found: list[Moved] = []
    for need in needs:
        if isinstance(need, DriftNeed):
            try:
                found += moved(need.dataset, *spreads(need, scores))
            except Unmeasured:
                continue  # the gate says why
    return tuple(found)
