"""The race of the ETLs, over a short way."""

import shutil

import pytest

from benchmarks.etl import raced, watched


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")  # Spark warns of its UDFs and of pandas
def test_all_ways_come_to_their_end(tmp_path):
    if not shutil.which("java"):
        pytest.skip("Spark needs Java, and there is none on the PATH")
    figures = raced(tmp_path, 2_000)
    assert {"ratio_original_duckdb", "ratio_original_spark", "generated_rows_per_s"} <= set(figures)
    assert all(figure > 0 for figure in figures.values())
    assert len(list((tmp_path / "original").iterdir())) == 4


def test_a_large_run_is_watched(tmp_path):
    figures = watched(tmp_path, "duckdb", 2_000)
    assert figures["big_duckdb_rows"] == 2_000
    assert figures["big_duckdb_peak_gib"] > 0
