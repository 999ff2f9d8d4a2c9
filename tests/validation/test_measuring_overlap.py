import pandas as pd
import pytest

from policies.evidence.gap import Gap
from policies.evidence.overlap import Overlap, OverlapNeed
from registry.profiles import Numeric, Profile
from registry.training_keys import write_keys
from registry.words import LoggedData
from tests.validation.scored import holdout_of, scores_for, trips
from validation.measuring.kinds import finding_of

DIGEST = "ab" * 32
BY_KEY = OverlapNeed(dataset="holdout", column="id")
BY_DIGEST = OverlapNeed(dataset="holdout")


def found(need, ids=range(500), **logged):
    frame = trips().assign(id=list(ids))
    scores = scores_for(need, frame, lambda rows: rows["km"], **logged)
    scores.data["holdout"] = holdout_of(frame, digest=DIGEST)
    return finding_of(need, scores)


def inputs(*digests):
    return tuple(LoggedData(name=f"data {n}", digest=digest) for n, digest in enumerate(digests))


def profile(*digests):
    one = Numeric(edges=(1.0,), counts=(5, 5))
    return Profile(rows=10, columns={"km": one}, prediction=one, data=digests).model_dump_json().encode()


def test_rows_whose_key_was_trained_on_are_counted():
    keys = write_keys("id", range(490, 1000))
    assert found(BY_KEY, keys=keys).model_dump(exclude={"by_chance"}) == Overlap(
        rows=500, shared=10, keys=510
    ).model_dump(exclude={"by_chance"})
    assert found(BY_KEY, keys=keys).by_chance < 1e-5
    assert found(BY_KEY, keys=write_keys("id", range(500, 1000))).shared == 0


def test_a_key_is_the_same_as_word_and_as_number():
    keys = write_keys("id", ["1", "2", "x"])
    assert found(BY_KEY, ids=[float(n) for n in range(500)], keys=keys).shared == 2


def test_keys_of_another_column_tell_nothing():
    assert found(BY_KEY, keys=write_keys("trip", [1])) == Overlap(rows=500)
    assert found(BY_DIGEST, keys=write_keys("id", [1])) == Overlap(rows=500)


@pytest.mark.parametrize(
    ("logged", "expected"),
    [
        ({}, ((), ())),
        ({"inputs": inputs(DIGEST[:32])}, (("data 0",), ("data 0",))),
        ({"inputs": inputs("cd" * 32, DIGEST.upper())}, (("data 0", "data 1"), ("data 1",))),
        ({"inputs": inputs(DIGEST[:8], "no digest at all!", "")}, ((), ())),
        ({"profile": profile(DIGEST)}, (("training profile",), ("training profile",))),
        (
            {"profile": profile("12" * 32), "inputs": inputs(DIGEST)},
            (("data 0", "training profile"), ("data 0",)),
        ),
    ],
    ids=["nothing", "cut as MLflow takes it", "one of two", "of another kind", "in the profile", "in both"],
)
def test_training_data_is_known_by_its_digest(logged, expected):
    told = found(BY_DIGEST, **logged)
    assert (told.logged, told.same) == expected


@pytest.mark.parametrize(
    ("ids", "logged", "reason"),
    [
        ([*range(499), None], {"keys": write_keys("id", [1])}, "1 of 500 rows have no 'id'"),
        ([n + 0.5 for n in range(500)], {"keys": write_keys("id", [1])}, "cannot be a key: 0.5 is neither"),
        (pd.date_range("2026-01-01", periods=500), {"keys": write_keys("id", [1])}, "cannot be a key"),
        (range(500), {"keys": b"junk"}, "training-keys.bloom holds no keys"),
        (range(500), {"profile": b"junk"}, "training-profile.json is no profile"),
    ],
    ids=["missing", "decimals", "times", "no keys", "no profile"],
)
def test_what_cannot_be_compared_says_why(ids, logged, reason):
    told = found(BY_KEY, ids=ids, **logged)
    assert isinstance(told, Gap)
    assert (told.fault, reason in told.reason) == ("surroundings", True)
