"""A data set that was last written too long ago is not judged on: that is no answer, and never a pass."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from policies.evidence.measurement import MetricNeed
from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from tests.policies.made import SMALLEST
from validation.holdout import Holdout, HoldoutInvalid
from workers.gather import read_datasets

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def read(tmp_path, max_age, written):
    path = tmp_path / "trips.csv"
    path.write_text("x,y\n1,2\n3,4\n")
    os.utime(path, (written.timestamp(),) * 2)
    data = f"datasets: {{holdout: {{uri: {path}, target: y{max_age}}}}}\n"
    datasets = parse_policy(SMALLEST + data, file="p").datasets
    return read_datasets(datasets, [MetricNeed(metric="rmse", dataset="holdout")], {}, NOW)["holdout"]


@pytest.mark.parametrize(
    ("max_age", "days", "kind"),
    [
        pytest.param("", 3000, Holdout, id="no word of age"),
        pytest.param(", max_age: 30d", 30, Holdout, id="just young enough"),
        pytest.param(", max_age: 30d", 31, HoldoutInvalid, id="too old"),
        pytest.param(", max_age: 30d", -1, Holdout, id="a clock ahead of ours"),
    ],
)
def test_only_what_is_young_enough_is_judged_on(tmp_path, max_age, days, kind):
    assert isinstance(read(tmp_path, max_age, NOW - timedelta(days=days)), kind)


def test_how_old_it_is_and_what_to_do_is_told(tmp_path):
    found = read(tmp_path, ", max_age: 30d", datetime(2026, 10, 1, tzinfo=UTC))
    said = "was last written Thu 1 Oct 2026 00:00 UTC, more than 30d ago: renew it, or raise max_age"
    assert str(found) == f"{tmp_path}/trips.csv {said}"


@pytest.mark.parametrize(
    ("age", "problem"),
    [
        ("30", "'30' has no unit, write 30s"),
        ("0d", "'0d' is not a duration"),
        ("400d", "'400d' is longer than a year"),
    ],
)
def test_an_age_that_is_none_is_told(age, problem):
    with pytest.raises(PolicyInvalid) as caught:
        parse_policy(SMALLEST + f"datasets: {{holdout: {{uri: x, target: y, max_age: {age}}}}}\n", file="p")
    assert f"p:10:50: {problem}" in str(caught.value)
