"""The consumer: the same code, whatever version is in service."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from training.errors import TripsInvalid
from training.etl.columns import TARGET
from training.etl.features import FEATURES
from training.predict.asking import main, predict

# MLflow warns of its own type hints while it is imported, and of a model without any, which is the point.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def split(tmp_path):
    rows = {name: [1.0, 2.0, 3.0] for name in FEATURES} | {TARGET: [5.0, 6.0, 7.0]}
    rows["pickup_datetime"] = pd.to_datetime(["2013-01-01 10:00"] * 3)
    pd.DataFrame(rows).to_parquet(tmp_path / "holdout.parquet")
    return tmp_path / "holdout.parquet"


@pytest.fixture
def saved(tmp_path):
    import mlflow

    def save(dollars):
        path = tmp_path / f"model {dollars}"

        def answer(model_input):
            return [dollars] * len(model_input)

        mlflow.pyfunc.save_model(path, python_model=answer, pip_requirements=[], input_example=None)
        return str(path)

    return save


@pytest.mark.parametrize("dollars", [8.5, 11.0])
def test_any_model_answers_for_the_first_rows_beside_the_truth(split, saved, dollars):
    rows = predict(saved(dollars), split, 2)["rows"]
    assert [(row["predicted"], row["fare"]) for row in rows] == [(dollars, 5.0), (dollars, 6.0)]


def test_the_command_prints_a_table_or_json(split, saved):
    words = ["--model", saved(8.5), "--data", str(split), "--rows", "1"]
    table = CliRunner().invoke(main, words)
    assert "true fare" in table.output
    assert "8.50" in table.output
    answer = json.loads(CliRunner().invoke(main, [*words, "--json"]).stdout)
    assert answer["rows"][0]["predicted"] == 8.5


def test_a_split_that_spark_wrote_is_a_folder(split, saved, tmp_path):
    folder = tmp_path / "spark" / "holdout.parquet"
    folder.mkdir(parents=True)
    split.rename(folder / "part-00000.parquet")
    ran = CliRunner().invoke(main, ["--model", saved(8.5), "--data", str(folder), "--json"])
    assert len(json.loads(ran.stdout)["rows"]) == 3


def test_a_file_that_is_no_split_is_refused(tmp_path):
    (tmp_path / "trips.parquet").write_text("no")
    with pytest.raises(TripsInvalid, match="is no split"):
        predict("models:/taxi-fare/Production", tmp_path / "trips.parquet", 1)
