"""Scores as if models had answered: a function of the rows stands for the model."""

import numpy as np
import pandas as pd

from validation.answers import Loaded, Run, Scored
from validation.holdout import Holdout
from validation.measuring.kinds import tables_of
from validation.measuring.scores import Scores
from validation.trained_on import TrainedOn


def holdout_of(frame, target=None, digest="d"):
    """All columns as inputs; the target is nought if none is given."""
    values = np.zeros(len(frame)) if target is None else np.asarray(target, dtype=float)
    return Holdout(name="holdout", inputs=frame, target=values, digest=digest)


def scores_for(need, frame, model, *, target=None, takes=(), **logged):
    """What the candidate `model` says of the data set's rows, and of those that the need makes of them."""
    holdout = holdout_of(frame, target)
    asked = {"holdout": holdout.inputs, **tables_of(need, holdout)}
    answers = {name: Scored(np.asarray(model(rows), dtype=float), 0.1, 0.1) for name, rows in asked.items()}
    run = Run(Loaded(0.1, answered=True), answers)
    return Scores({"holdout": holdout}, run, None, takes=frozenset(takes), trained_on=TrainedOn(**logged))


def trips(rows=500, seed=3):
    draw = np.random.default_rng(seed)
    return pd.DataFrame({"km": draw.uniform(0, 20, rows), "hour": draw.integers(0, 24, rows)})
