"""What runs in Spark's Python processes, without Spark: models that mean harm, in the sandbox of that host."""

import tarfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.validation.conftest import SIGNATURE, frame_of
from validation.blockwise.passes import First
from validation.blockwise.soundness import soundness
from validation.blockwise.tally import Cell, added_up, cell
from validation.limits import Limits
from validation.spark import counting, executor

HONEST = "return 2.5 + 1.5 * data['distance'].to_numpy()"


@pytest.fixture
def scored(bare_model, tmp_path):
    """All that comes out of one task of three batches, as rows."""

    def score(**models):
        for who, predict in models.items():
            with tarfile.open(tmp_path / f"{who}.tar", "w") as files:
                files.add(bare_model(predict, name=who), arcname=".")
        found = executor.scored(asked(models), lambda name: tmp_path / name, iter(batches()))
        return pa.Table.from_batches(found).to_pylist()

    return score


def asked(models):
    return executor.Asked(
        name="holdout",
        shown="rows",
        target="fare",
        day=None,
        starts={"a b.parquet": 1000},
        sliced_by=("hour",),
        models={who: (f"{who}.tar", SIGNATURE) for who in models},
        limits=Limits(load_s=60, predict_s=4),
        level="limited",
        fields="",
    )


def batches():
    frame = frame_of(300)
    frame["fare"] = np.where(np.arange(300) % 100 == 7, np.nan, 2.5 + 1.5 * frame["distance"])
    frame[executor.FILE], frame[executor.ROW] = "a%20b.parquet", np.arange(300)
    return pa.Table.from_pandas(frame, preserve_index=False).to_batches(100)


def test_rows_come_out_with_their_place_and_what_they_are_sliced_by(scored):
    rows = scored(candidate=HONEST, champion="return np.zeros(len(data))")
    frame = frame_of(300)
    assert [row["place"] for row in rows] == [1000 + each for each in range(300) if each % 100 != 7]
    assert all(row["who"] is None and row["champion"] == 0 for row in rows)
    assert all(row["candidate"] == pytest.approx(row["target"]) for row in rows)
    assert [row["slice_0"] for row in rows] == [frame["hour"][row["place"] - 1000] for row in rows]


@pytest.mark.parametrize(
    ("predict", "sentence"),
    [
        pytest.param("os._exit(0)", "exited with code 0 before it had answered", id="exits"),
        pytest.param("time.sleep(10**6)", "did not answer 'holdout' within 4 s", id="sleeps"),
        pytest.param("return np.zeros(len(data) // 2)", "for 99 rows", id="too few rows"),
        pytest.param("return np.zeros((len(data), 3))", "gave 3 figures a row", id="several figures"),
        pytest.param("return np.random.default_rng().normal(size=len(data))", "depend on the batch", id="by chance"),
        pytest.param("raise RuntimeError('no')", "raised RuntimeError: no", id="raises"),
    ],
)  # fmt: skip
def test_a_candidate_that_fails_ends_its_task_with_a_sentence(scored, predict, sentence):
    (told,) = scored(candidate=predict)
    assert (told["who"], told["fault"], told["place"]) == ("candidate", "candidate", 1000)
    assert sentence in told["why"]


def test_a_champion_that_fails_is_told_once_and_the_candidate_is_scored(scored):
    rows = scored(candidate=HONEST, champion="os._exit(3)")
    (told,) = [row for row in rows if row["who"]]
    assert (told["who"], "exited with code 3" in told["why"]) == ("champion", True)
    assert sum(row["candidate"] is not None for row in rows) == 297


def test_answers_that_are_no_numbers_come_out_as_they_are_and_are_counted(scored):
    rows = scored(candidate="return np.where(data['distance'] > 10, np.nan, 1.0)")
    table = pa.Table.from_pylist(rows)
    (counted,) = counting.counted(asked({"candidate": ""}), soundness, iter(table.to_batches()))
    (tally,) = counting.tallies_of(pa.Table.from_batches([counted]))
    (found,) = tally.values()
    wrong = [row for row in rows if np.isnan(row["candidate"])]
    assert found.added[0, :2].tolist() == [len(rows), len(wrong)]
    assert found.at == wrong[0]["place"]
    assert "the first is nan" in found.wrong


def test_a_model_sees_nothing_of_the_executors_environment(scored, monkeypatch):
    monkeypatch.setenv("SPARK_AUTH_SECRET", "s3cret")
    rows = scored(candidate="return np.full(len(data), float(any('SPARK' in name for name in os.environ)))")
    assert {row["candidate"] for row in rows} == {0.0}


def test_a_target_of_texts_is_the_data_sets_own_fault(scored, monkeypatch):
    words = [pa.Table.from_pandas(pd.DataFrame({"distance": [1.0], "hour": [2.0], "fare": ["dear"], executor.FILE: "a b.parquet", executor.ROW: 0})).to_batches()[0]]  # fmt: skip
    monkeypatch.setattr(f"{__name__}.batches", lambda: words)
    (told,) = scored(candidate=HONEST)
    assert (told["who"], told["fault"]) == (executor.HOLDOUT, "surroundings")
    assert "classes are not judged on Spark" in told["why"]


def test_tallies_are_the_same_after_their_journey():
    tally = {
        (0, "", ""): cell(np.array([3, 9]), np.array([2, 5]), [np.array([0.1, 1 / 3]), 2.0], [1e300]),
        (1, "zone", "zone a"): cell(np.zeros(0, dtype=np.int64)),
        (2, "", "unfit"): Cell(
            np.zeros(1, dtype=np.int64), np.zeros((1, 5)), np.zeros(2), "why", "candidate", 17
        ),
    }
    back = added_up(counting.tallies_of(pa.Table.from_batches([counting._rows_of(tally)])))
    assert back.keys() == tally.keys()
    for key, each in tally.items():
        assert back[key].units.tolist() == each.units.tolist()
        assert back[key].added.tolist() == each.added.tolist()
        assert (back[key].wrong, back[key].fault, back[key].at) == (each.wrong, each.fault, each.at)
    assert First(())(None) == {}
