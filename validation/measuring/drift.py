"""The population stability index of each column, and of the prediction, against the training data's profile.

PSI = sum over bins of (a - e) ln(a / e), a and e the shares here and in training; missing values are a bin.
Half a row is added to every bin on both sides, so that an empty one gives a figure and no infinity.
"""

import numpy as np
import pandas as pd

from policies.evidence.drift import PREDICTION, Drift, DriftNeed
from registry.profiles import PROFILE_FILE, Categorical, Numeric, Profile, ProfileInvalid, read_profile
from validation.arrays import Floats
from validation.measuring.columns import numeric, present
from validation.measuring.scores import Scores, Unmeasured
from validation.rows import Rows

HALF = 0.5
Pair = tuple[Floats, Floats]
"""Counts over the same bins, here and in training; the last bin is of missing values."""


def drift(need: DriftNeed, scores: Scores) -> Drift:
    """Every column asked for must be in both, and is compared; so is the prediction."""
    profile, pairs = spreads(need, scores)
    rows, bins = scores.holdout(need.dataset).rows, max(len(here) for here, _ in pairs.values())
    return Drift(
        psi={name: psi(here, then) for name, (here, then) in pairs.items()},
        by_chance=(bins - 1) * (1 / rows + 1 / profile.rows),
        rows=rows,
        trained_on=profile.rows,
    )


def spreads(need: DriftNeed, scores: Scores) -> tuple[Profile, dict[str, Pair]]:
    """The profile, and each column's rows by its bins, here and in training. Raises Unmeasured."""
    inputs, profile = scores.holdout(need.dataset).inputs, _profile(scores)
    answers = pd.Series(scores.figures(need.dataset))
    pairs = {name: _pair(name, inputs, profile) for name in _wanted(need, scores, inputs, profile)}
    return profile, pairs | {PREDICTION: _counted(profile.prediction, answers)}


def psi(here: Floats, then: Floats) -> float:
    """Of two counts over the same bins."""
    actual, expected = ((counts + HALF) / (counts.sum() + HALF * len(counts)) for counts in (here, then))
    return float(((actual - expected) * np.log(actual / expected)).sum())


def _profile(scores: Scores) -> Profile:
    if scores.trained_on.profile is None:
        raise Unmeasured(
            f"the candidate's run has no {PROFILE_FILE}, so nobody can tell what it was trained on: "
            f"log one with mlflow.log_dict(profile, '{PROFILE_FILE}'), as docs/drift.md says"
        )
    try:
        return read_profile(scores.trained_on.profile)
    except ProfileInvalid as invalid:
        raise Unmeasured(f"{invalid}; docs/drift.md says how it is written") from invalid


def _wanted(need: DriftNeed, scores: Scores, inputs: Rows, profile: Profile) -> list[str]:
    """The columns asked for; else what the model takes of them, or what the profile has if it names none."""
    if need.columns:
        return list(need.columns)
    return sorted(set(scores.takes or profile.columns) & set(map(str, inputs.columns)))


def _pair(name: str, inputs: Rows, profile: Profile) -> Pair:
    present(name, inputs)
    if name not in profile.columns:
        raise Unmeasured(f"{PROFILE_FILE} tells nothing of '{name}': log it with all that the model takes")
    profiled = profile.columns[name]
    return _counted(profiled, numeric(name, inputs) if isinstance(profiled, Numeric) else inputs[name])


def _counted(profiled: Numeric | Categorical, column: pd.Series) -> Pair:
    """Rows by bin, here and in training, in one order."""
    if isinstance(profiled, Numeric):
        column = column.replace([np.inf, -np.inf], np.nan)
    known = column.dropna()
    nulls = len(column) - len(known)
    if isinstance(profiled, Numeric):
        place = np.searchsorted(np.array(profiled.edges), known.to_numpy(dtype=np.float64), side="left")
        here = np.bincount(place, minlength=len(profiled.counts))
        return _floats([*here, nulls]), _floats([*profiled.counts, profiled.nulls])
    seen = known.astype(str).value_counts()
    named = [int(seen.get(word, 0)) for word in profiled.counts]
    other = len(known) - sum(named)
    return _floats([*named, other, nulls]), _floats(
        [*profiled.counts.values(), profiled.other, profiled.nulls]
    )


def _floats(counts: list[int]) -> Floats:
    return np.array(counts, dtype=np.float64)
