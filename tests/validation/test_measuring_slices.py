"""Slices measured: right against an independent calculation, and end to end through the real sandbox."""

import numpy as np
import pandas as pd
import pytest

from policies.evidence.gap import Gap
from policies.evidence.slices import SliceComparisonNeed, SliceNeed, defined
from policies.slices import Bins, ByValue, Where
from registry.words import VersionFacts
from validation.asking import ModelFiles
from validation.holdout import Holdout, read_holdout
from validation.measure import measure
from validation.rows import Rows
from workers.case import Told
from workers.gather import _inputs, digest_of

SLICES = {
    "far": Where(where="distance >= 10"),
    "night": Where(where="hour >= 20 || hour < 6"),
    "nowhere": Where(where="distance > 1000"),
    "distance": Bins(by="distance", bins=(0, 5, float("inf"))),
}
MEASURED = SliceNeed(metric="rmse", dataset="holdout", slices=SLICES)
COMPARED = SliceComparisonNeed(metric="rmse", dataset="holdout", slices=SLICES)


@pytest.fixture
def holdout(holdout_file):
    return read_holdout(holdout_file, name="holdout", target="fare")


def found(needs, holdout, bare_model, signature, sandbox):
    candidate = ModelFiles(bare_model("return 2.0 + 1.6 * data['distance']", name="ours"), signature)
    champion = ModelFiles(bare_model("return 2.5 + 1.5 * data['distance']", name="theirs"), signature)
    return measure(needs, candidate, champion, {"holdout": lambda: holdout}, sandbox=sandbox)[0]


def test_slices_are_measured_and_compared_in_the_sandbox(holdout, bare_model, signature, sandbox):
    findings = found((MEASURED, COMPARED), holdout, bare_model, signature, sandbox)
    measured, compared = findings[MEASURED.key], findings[COMPARED.key]
    assert measured.slices == compared.slices == defined(SLICES)
    frame, fares = pd.concat(holdout.inputs.frames()), holdout.target
    rows = {
        "far": frame.distance >= 10,
        "night": (frame.hour >= 20) | (frame.hour < 6),
        "nowhere": frame.distance > 1000,
        "distance 0 to 5": frame.distance < 5,
        "distance from 5": frame.distance >= 5,
    }
    assert [part.name for part in measured.parts] == [part.name for part in compared.parts] == [*rows]
    for part, both in zip(measured.parts, compared.parts, strict=True):
        mask = rows[part.name].to_numpy()
        assert part.rows == both.rows == mask.sum()
        if not mask.any():
            assert (part.value, both.compared) == (None, None)
            continue
        error = (2.0 + 1.6 * frame.distance - fares)[mask]
        theirs = (2.5 + 1.5 * frame.distance - fares)[mask]
        assert part.value == pytest.approx(np.sqrt((error**2).mean()))
        assert both.compared.candidate == part.value
        assert both.compared.champion == pytest.approx(np.sqrt((theirs**2).mean()))
        assert both.compared.se > 0


@pytest.mark.parametrize(
    ("slices", "says"),
    [
        ({"far": Where(where="distanse > 3")}, "there is no column 'distanse', did you mean 'distance'?"),
        ({"h": ByValue(by="hours")}, "there is no column 'hours', did you mean 'hour'?"),
        ({}, "the data set 'holdout' declares no slices"),
    ],
)
def test_slices_that_cannot_be_cut_are_a_gap_of_the_surroundings(
    slices, says, holdout, bare_model, signature, sandbox
):
    need = MEASURED.sliced(slices)
    gap = found((need,), holdout, bare_model, signature, sandbox)[need.key]
    assert isinstance(gap, Gap)
    assert says in gap.reason
    assert gap.fault == "surroundings"


def test_a_metric_that_a_slice_has_no_value_of_is_told_of_that_slice(bare_model, signature, sandbox):
    frame = pd.DataFrame({"distance": [1.0, 2.0, 3.0, 4.0], "hour": [1.0, 1.0, 2.0, 2.0]})
    flat = Holdout("holdout", Rows.of(frame), np.array([5.0, 5.0, 7.0, 8.0]), digest="x")
    need = SliceNeed(metric="r2", dataset="holdout", slices={"hour": ByValue(by="hour")})
    parts = found((need,), flat, bare_model, signature, sandbox)[need.key].parts
    assert parts[0].value is None
    assert "all targets are equal" in parts[0].wrong
    assert parts[1].value is not None


def test_how_slices_are_cut_is_among_the_inputs_that_evidence_is_kept_for():
    facts = VersionFacts(name="m", version=1, source="x")
    changed = MEASURED.sliced({**SLICES, "far": Where(where="distance >= 11")})
    digests = {
        digest_of(_inputs(Told(facts, None), [need], {"holdout": "d"}, "")) for need in (MEASURED, changed)
    }
    assert len(digests) == 2


def test_slices_are_compared_by_whole_days_where_the_data_has_days(bare_model, signature, sandbox):
    draw = np.random.default_rng(6)
    frame = pd.DataFrame({"distance": draw.uniform(0, 20, 60), "hour": np.repeat([1.0, 22.0], 30)})
    days = np.tile(np.arange(6), 10)
    holdout = Holdout("holdout", Rows.of(frame), draw.normal(20, 5, 60), digest="x", days=days)
    need = COMPARED.sliced({"night": Where(where="hour > 20")})
    (part,) = found((need,), holdout, bare_model, signature, sandbox)[need.key].parts
    assert (part.rows, part.compared.rows, part.compared.days) == (30, 30, 6)
    assert part.compared.spread.dof <= 5


def test_a_slices_error_is_that_of_the_comparison_with_itself(holdout, bare_model, signature, sandbox):
    """Two roads to one figure: the comparison's spread holds each model's own standard error."""
    findings = found((MEASURED, COMPARED), holdout, bare_model, signature, sandbox)
    for part, both in zip(findings[MEASURED.key].parts, findings[COMPARED.key].parts, strict=True):
        if part.rows:
            spread = both.compared.spread
            assert part.se == pytest.approx(spread.power * spread.candidate_se)
