"""The columns that moved most from training to here, in bins that few words name. Pure."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from policies.evidence.drift import PREDICTION
from registry.profiles import Numeric, Profile, Profiled
from validation.arrays import Floats
from validation.measuring.drift import Pair, psi
from validation.reports.sketch import Moved

MOST_COLUMNS = 12
MOST_BINS = 16
MISSING = "missing"
OTHER = "other"


def moved(dataset: str, profile: Profile, pairs: Mapping[str, Pair]) -> list[Moved]:
    """Those that moved most first."""
    indices = {name: psi(*pair) for name, pair in pairs.items()}
    worst = sorted(pairs, key=lambda name: (-indices[name], name))[:MOST_COLUMNS]
    return [_one(dataset, name, indices[name], _profiled(profile, name), pairs[name]) for name in worst]


def _profiled(profile: Profile, name: str) -> Profiled:
    return profile.prediction if name == PREDICTION else profile.columns[name]


def _one(dataset: str, name: str, index: float, profiled: Profiled, pair: Pair) -> Moved:
    here, then = pair
    if isinstance(profiled, Numeric):
        groups, bins = _intervals(profiled)
    else:
        groups, bins = _words(list(profiled.counts), then)
    counts = [tuple(int(each[group].sum()) for group in groups) for each in (here, then)]
    return Moved(dataset=dataset, column=name, psi=index, bins=bins, here=counts[0], training=counts[1])


Groups = list[list[int]]


def _intervals(profiled: Numeric) -> tuple[Groups, tuple[str, ...]]:
    """Neighbouring bins taken together until they are few; the missing stay apart."""
    groups = [list(map(int, part)) for part in np.array_split(np.arange(len(profiled.counts)), MOST_BINS)]
    groups = [group for group in groups if group]
    ends = [f"{profiled.edges[group[-1]]:.4g}" for group in groups[:-1]]
    if not ends:
        return [[0], [1]], ("any", MISSING)
    names = [f"to {ends[0]}", *(f"{low} to {high}" for low, high in pairwise(ends)), f"above {ends[-1]}"]
    return [*groups, [len(profiled.counts)]], (*names, MISSING)


def _words(words: list[str], then: Floats) -> tuple[Groups, tuple[str, ...]]:
    """The most frequent words of training; the rest with those that training does not name."""
    order = sorted(range(len(words)), key=lambda at: (-then[at], at))
    kept, rest = order[:MOST_BINS], order[MOST_BINS:]
    names = [words[at] for at in kept]
    return [*([at] for at in kept), [*rest, len(words)], [len(words) + 1]], (*names, OTHER, MISSING)
