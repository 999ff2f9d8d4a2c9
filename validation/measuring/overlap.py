"""Whether a data set is what the candidate was trained on: as a whole by digest, row by row by key."""

from typing import Final

import numpy as np

from policies.evidence.overlap import Overlap, OverlapNeed
from registry.profiles import ProfileInvalid, read_profile
from registry.training_keys import KeysInvalid, key_text, read_keys
from validation.holdout import Holdout
from validation.measuring.columns import present
from validation.measuring.scores import Scores, Unmeasured
from validation.trained_on import TrainedOn

_LEAST_DIGITS: Final = 16
"""Of a SHA-256 in hex, cut or whole. MLflow's own digests are shorter, and are of other things than bytes."""
_HEX: Final = frozenset("0123456789abcdef")


def overlap(need: OverlapNeed, scores: Scores) -> Overlap:
    """What was logged is compared; what was not is left out, for the gate to say."""
    holdout, trained_on = scores.holdout(need.dataset), scores.trained_on
    digests = _digests(trained_on)
    same = [name for name, digest in digests if holdout.digest.startswith(digest)]
    found = Overlap(rows=holdout.rows, logged=_named(digests), same=tuple(dict.fromkeys(same)))
    if need.column is None or trained_on.keys is None:
        return found
    try:
        keys = read_keys(trained_on.keys)
    except KeysInvalid as invalid:
        raise Unmeasured(str(invalid)) from invalid
    if keys.column != need.column:
        return found
    texts = _texts(need.column, holdout)
    shared = int(np.count_nonzero(keys.hold(texts)))
    chance = keys.rate * holdout.rows
    return found.model_copy(update={"shared": shared, "by_chance": chance, "keys": keys.keys})


def _digests(trained_on: TrainedOn) -> list[tuple[str, str]]:
    """Name and digest of each training data set that can be compared with the bytes that we read."""
    found = [(each.name, each.digest.lower()) for each in trained_on.inputs]
    if trained_on.profile is not None:
        try:
            found += [("training profile", each.lower()) for each in read_profile(trained_on.profile).data]
        except ProfileInvalid as invalid:
            raise Unmeasured(str(invalid)) from invalid
    return [
        (name, digest) for name, digest in found if len(digest) >= _LEAST_DIGITS and _HEX.issuperset(digest)
    ]


def _named(digests: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name[:100] for name, _ in digests))


def _texts(column: str, holdout: Holdout) -> list[str]:
    """Every row must have its key: of one without, nobody could tell."""
    cells = present(column, holdout.inputs)
    if lacking := int(cells.isna().sum()):
        raise Unmeasured(
            f"{lacking:,} of {holdout.rows:,} rows have no '{column}', so nobody can look for them"
        )
    try:
        return [key_text(cell) for cell in cells.tolist()]
    except KeysInvalid as invalid:
        raise Unmeasured(f"the column '{column}' cannot be a key: {invalid}") from invalid
