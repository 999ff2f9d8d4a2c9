"""`gatehouse validate` beside a real MLflow server and no server of ours: table, page, exit code, clear errors."""

import itertools
import json

import pytest
from click.testing import CliRunner

from gatehouse.cli import main
from gatehouse.model_address import Address, parse
from registry.words import Stage
from tests.validation.conftest import frame_of, write_bare_model

pytestmark = pytest.mark.mlflow
GOOD, WORSE = "return 2.5 + 1.5 * data['distance']", "return 3.5 + 1.4 * data['distance']"
POLICY = """\
policy: fares
models: ["by-call-*"]
datasets:
  holdout: {uri: "${NOWHERE_TO_BE_FOUND}", target: fare, slices: {far: "distance >= 10"}}
transitions:
  - from: staging
    to: production
    gates:
      - {metric: rmse, max: 5}
      - {metric: mae, compared_to: champion, margin: 2%}
      - {metric: rmse, slices: {max: {default: 8}, min_rows: 5, no_worse_than_champion: 10%}}
"""
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def client(mlflow_server):
    from mlflow import MlflowClient

    return MlflowClient(mlflow_server, mlflow_server)


@pytest.fixture(scope="module")
def name(client, tmp_path_factory):
    """Version 1 is worse and in Production, version 2 good, with the alias best, in no stage."""
    name = f"by-call-{next(_numbers)}"
    client.create_registered_model(name)
    for predict in (WORSE, GOOD):
        run = client.create_run("0").info.run_id
        folder = write_bare_model(tmp_path_factory.mktemp("made") / "model", predict)
        client.log_artifacts(run, str(folder), "model")
        client.create_model_version(name, f"runs:/{run}/model", run)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        client.transition_model_version_stage(name, "1", "Production")
    client.set_registered_model_alias(name, "best", "2")
    return name


@pytest.fixture
def call(mlflow_server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEHOUSE_REGISTRY_URL", mlflow_server)
    monkeypatch.delenv("NOWHERE_TO_BE_FOUND", raising=False)
    frame = frame_of(400)
    frame.assign(fare=2.5 + 1.5 * frame["distance"] + frame["hour"] % 1).to_csv("trips.csv", index=False)
    frame.to_csv("no-fare.csv", index=False)
    (tmp_path / "p.yaml").write_text(POLICY)
    return lambda *words: CliRunner().invoke(main, ["validate", *words])


def test_one_line_prints_the_gates_and_writes_the_page(call, name, tmp_path):
    said = call(
        f"models:/{name}/2",
        "--against",
        f"models:/{name}/Production",
        "--data",
        "trips.csv",
        "--policy",
        "p.yaml",
    )
    assert said.exit_code == 0, said.output
    assert "mae against champion" in said.output
    assert f"The report: {name}-2.html" in said.output
    html = (tmp_path / f"{name}-2.html").read_text()
    assert "Predicted against actual fare, champion" in html
    assert "rmse by slice" in html


def test_a_worse_version_is_a_no_and_json_tells_all(call, name, tmp_path):
    said = call(
        f"models:/{name}/Production", "--against", f"models:/{name}@best", "--data", "trips.csv",
        "--policy", "p.yaml", "--report", "page.html", "--json",
    )  # fmt: skip
    assert said.exit_code == 1, said.output
    told = json.loads(said.output)
    assert (told["model"], told["version"], told["report"]) == (name, 1, "page.html")
    assert told["evidence"]["findings"]["rmse on holdout"]["rows"] == 400
    assert told["verdicts"][1]["outcome"] == "fail"
    assert told["verdicts"][1]["interval"][0] > told["verdicts"][1]["bound"]
    assert (tmp_path / "page.html").exists()


def test_without_another_to_compare_with_it_is_the_champion(call, name):
    said = call(name, "2", "--data", "trips.csv", "--policy", ".", "--json", "--to", "production")
    assert json.loads(said.output)["evidence"]["champion"]["version"] == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["models:/{name}"], "is no registered version's address; write models:/NAME/3"),
        (["models:/{name}/Prod"], "is no registered version's address"),
        (["models:/{name}@"], "is no registered version's address"),
        (["runs:/abc/model"], "is no registered model's address"),
        (["{name}"], "which version of {name}?"),
        (["models:/{name}/2", "2"], "leave out 2"),
        (["models:/{name}@worst"], "no version at models:/{name}@worst; {name} has 2 in None, 1 in Production"),
        (["models:/{name}/Staging"], "no version at models:/{name}/Staging"),
        (["models:/{name}/2", "--against", "models:/{name}@best"], "is the candidate itself"),
        (["models:/{name}/2", "--to", "staging"], "has no transition to staging; it has Staging -> Production"),
        (["models:/{name}/2", "--data", "no-fare.csv"], "has no column 'fare' for the target"),
        (["models:/{name}/2", "--data", "gone.csv"], "there is no file gone.csv"),
        (["models:/{name}/2", "--data", "trips.csv", "--report", "no/such/page.html"], "cannot be written"),
        (["models:/another/2"], "names another; add it under 'models'"),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_meant_is_told_in_a_sentence(call, name, words, sentence):
    said = call(*(word.format(name=name) for word in words), "--policy", "p.yaml")
    assert said.exit_code == 2, said.output
    assert sentence.format(name=name) in said.output.replace("\n", " ")


def test_a_version_that_is_not_there_is_a_no(call, name):
    assert call(f"models:/{name}/99", "--policy", "p.yaml").exit_code == 1


def test_without_data_it_could_not_tell(call, name):
    said = call(f"models:/{name}/2", "--policy", "p.yaml")
    assert said.exit_code == 3, said.output
    assert "NOWHERE_TO_BE_FOUND" in said.output


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("models:/fare/3", Address("fare", 3)),
        ("models:/fare/production", Address("fare", Stage.PRODUCTION)),
        ("models:/fare@champion", Address("fare", "champion")),
        ("models:/team/fare/3", Address("team/fare", 3)),
        ("models:/a@b/3", Address("a@b", 3)),
    ],
)
def test_an_address_is_read_as_mlflow_writes_it(text, address):
    assert parse(text) == address
    assert parse(str(address)) == address
