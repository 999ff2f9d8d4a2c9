import os
from datetime import UTC, datetime, timedelta

import pytest

from policies.datasets import Dataset
from policies.evidence.measurement import MetricNeed
from validation.holdout import Holdout
from workers.datasets import read_datasets

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NEEDS = (MetricNeed(metric="rmse", dataset="holdout"),)


def no_run(*_):
    raise AssertionError


def read(path, text, **more):
    path.write_text(text)
    changed = (NOON - timedelta(days=29)).timestamp()
    os.utime(path, (changed, changed))
    data = {"holdout": Dataset(uri=str(path), target="y", **more)}
    return read_datasets(data, NEEDS, {}, NOON, no_run)["holdout"]


def dated(*times):
    return "y,at\n" + "".join(f"1,{time}\n" for time in times)


@pytest.mark.parametrize(
    ("text", "more", "reason"),
    [
        pytest.param("y\n1\n", {"max_age": "30d"}, None, id="file fresh"),
        pytest.param("y\n1\n", {"max_age": "28d"}, "it is older than 28d: its latest is of 2026-10-26", id="file old"),
        pytest.param(
            dated("2026-01-01", "2026-11-23 10:00:00 UTC"), {"max_age": "2d", "day": "at"}, None, id="latest row"
        ),
        pytest.param(
            dated("2026-01-01"), {"max_age": "30d", "day": "at"}, "it is older than 30d: its latest is", id="rows old"
        ),
        pytest.param(
            dated("2099-01-01"), {"max_age": "30d", "day": "at"}, "its latest is of 2099-01-01 00:00 UTC, which", id="to come"
        ),
        pytest.param(dated("7"), {"max_age": "30d", "day": "at"}, "the day 'at' of", id="numbers"),
        pytest.param(dated("soon"), {"max_age": "30d", "day": "at"}, "the day 'at' of", id="no times"),
        pytest.param("y\n1\n", {"max_age": "30d", "day": "at"}, "has no column 'at'", id="no column"),
    ],
)  # fmt: skip
def test_what_is_too_old_is_not_judged_on(tmp_path, text, more, reason):
    found = read(tmp_path / "rows.csv", text, **more)
    if reason is None:
        assert isinstance(found, Holdout)
    else:
        assert reason in str(found)
        assert not isinstance(found, Holdout)
