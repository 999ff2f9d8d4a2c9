import json

import numpy as np
import pandas as pd
import pytest

from policies.evidence.drift import PREDICTION, DriftNeed
from tests.validation.scored import scores_for, trips
from training.profile import profile_of
from validation.measuring.drift import psi
from validation.measuring.kinds import finding_of

NEED = DriftNeed(dataset="holdout")


def model(rows):
    return 2.5 + 1.5 * rows["km"]


def profiled(frame=None, **changes):
    frame = trips(6_000, seed=1) if frame is None else frame
    told = profile_of({name: frame[name].to_numpy() for name in frame}, model(frame).to_numpy())
    return json.dumps(told.model_dump(mode="json") | changes).encode()


def found(frame, profile, need=NEED, takes=()):
    return finding_of(need, scores_for(need, frame, model, takes=takes, profile=profile))


def test_rows_of_the_same_kind_have_not_drifted():
    seen = found(trips(5_000), profiled())
    assert set(seen.psi) == {"km", "hour", PREDICTION}
    assert max(seen.psi.values()) < 0.02
    assert (seen.rows, seen.trained_on) == (5_000, 6_000)


def test_chance_alone_shows_about_as_much_as_is_said():
    seen = [found(trips(300, seed=seed), profiled()) for seed in range(40)]
    assert np.mean([each.psi["km"] for each in seen]) == pytest.approx(seen[0].by_chance, rel=0.35)


def test_longer_trips_are_seen_in_the_column_and_in_the_prediction():
    frame = trips(5_000)
    seen = found(frame.assign(km=frame["km"] + 5), profiled())
    assert seen.psi["km"] > 0.5
    assert seen.psi[PREDICTION] == pytest.approx(seen.psi["km"], rel=0.1)
    assert seen.psi["hour"] < 0.02


def test_the_index_agrees_with_its_definition():
    """Yurdakul's form, by hand: shares 0.5 and 0.5 against 0.25 and 0.75."""
    here, then = np.array([5e7, 5e7]), np.array([2.5e7, 7.5e7])
    by_hand = 0.25 * np.log(0.5 / 0.25) + (-0.25) * np.log(0.5 / 0.75)
    assert psi(here, then) == pytest.approx(by_hand, rel=1e-5)
    assert psi(then, here) == pytest.approx(by_hand, rel=1e-5)


def test_words_and_missing_values_drift_too():
    zones = {"kind": "categorical", "counts": {"jfk": 3_000, "soho": 3_000}, "other": 0, "nulls": 0}
    told = json.loads(profiled())
    told["columns"]["zone"] = zones
    raw = json.dumps(told).encode()
    frame = trips(4_000)
    even, new, empty = (
        frame.assign(zone=np.resize(zone, 4_000))
        for zone in (["jfk", "soho"], ["bronx", "soho"], [None, "soho"])
    )
    assert found(even, raw).psi["zone"] < 0.001
    assert found(new, raw).psi["zone"] > 1
    assert found(empty, raw).psi["zone"] > 1


def test_what_the_model_does_not_take_is_not_looked_at():
    assert set(found(trips().assign(key="k"), profiled(), takes=("km",)).psi) == {"km", PREDICTION}


@pytest.mark.parametrize(
    ("profile", "need", "takes", "reason"),
    [
        pytest.param(
            None, NEED, (), "the candidate's run has no training-profile.json, so nobody can tell", id="none"
        ),
        pytest.param(b"{", NEED, (), "training-profile.json is no profile: the whole", id="no JSON"),
        pytest.param(b" " * (1 << 21), NEED, (), "training-profile.json has 2,097,152 bytes", id="huge"),
        pytest.param(
            profiled(rows=5_999), NEED, (), "training-profile.json is no profile: the whole: Value", id="sums"
        ),
        pytest.param(
            profiled(prediction=None), NEED, (), "training-profile.json is no profile: pred", id="no answers"
        ),
        pytest.param(profiled(format=2), NEED, (), "training-profile.json is no profile: format", id="new"),
        pytest.param(
            profiled(trips(600)[["km"]]),
            NEED,
            ("km", "hour"),
            "training-profile.json tells nothing of 'hour'",
            id="part",
        ),
        pytest.param(
            profiled(),
            DriftNeed(dataset="holdout", columns=("kn",)),
            (),
            "the data set has no column 'kn'",
            id="typo",
        ),
    ],
)
def test_without_a_whole_profile_nothing_is_told(profile, need, takes, reason):
    gap = found(trips(), profile, need, takes)
    assert gap.reason.startswith(reason)
    assert gap.fault == "surroundings"


@pytest.mark.parametrize("values", [[], [7.0] * 50, [np.nan] * 5, [1.0, 2.0, np.inf, np.nan] * 20])
def test_any_column_has_a_profile(values):
    column = np.array(values or [0.0])
    told = profile_of({"x": column}, column).columns["x"]
    assert told.total == len(column)
    assert told.nulls == int((~np.isfinite(column)).sum())


def test_a_profile_counts_infinite_inputs_here_as_it_did_there():
    column = pd.Series([1.0, 2.0, np.inf, np.nan] * 500)
    frame = pd.DataFrame({"km": column, "hour": 1})
    told = profile_of({"km": column.to_numpy(), "hour": np.ones(2_000)}, np.ones(2_000))
    seen = finding_of(
        DriftNeed(dataset="holdout"),
        scores_for(NEED, frame, lambda rows: np.ones(len(rows)), profile=told.model_dump_json().encode()),
    )
    assert seen.psi["km"] < 0.001
