"""What only a real MLflow server, or a broken one, can show of the adapter."""

import json
import socket

import pytest
from mlflow.entities import Dataset, DatasetInput

from registry.errors import ArtifactsMissing, RegistryRefused, RegistryUnavailable, VersionMissing
from registry.mlflow_connection import PATIENCE, connect
from registry.mlflow_facts import read_mlmodel
from registry.mlflow_registry import MlflowRegistry
from registry.words import Column, Stage
from validation.holdout import read_holdout


@pytest.mark.mlflow
class TestSources:
    """A version's files are found wherever MLflow lets a source point."""

    def facts(self, twin, name, number):
        return twin.registry.facts(twin.registry.version(name, number))

    def test_a_runs_model_registered_by_a_plain_client(self, mlflow_twin, name, tmp_path):
        number = mlflow_twin.register_from(name, f"runs:/{mlflow_twin.model.run_id}/model")
        facts = self.facts(mlflow_twin, name, number)
        assert facts.signature
        assert facts.logged == {"rmse": 2.0, "mae": 1.0}
        fetched = mlflow_twin.registry.fetch(mlflow_twin.registry.version(name, number), tmp_path)
        assert (fetched / "MLmodel").is_file()

    def test_files_that_a_run_logged_as_plain_artifacts(self, mlflow_twin, name, tmp_path):
        (tmp_path / "MLmodel").write_text("flavors: {}\n")
        run_id = mlflow_twin.model.run_id
        mlflow_twin.client.log_artifacts(run_id, str(tmp_path), artifact_path=f"{name}/old")
        number = mlflow_twin.register_from(name, f"runs:/{run_id}/{name}/old")
        assert self.facts(mlflow_twin, name, number).signature is None

    def test_a_data_set_among_a_runs_artifacts_is_brought_here(self, mlflow_twin, name, tmp_path):
        (tmp_path / "trips.csv").write_text("distance,fare\n1,5\n")
        mlflow_twin.client.log_artifact(mlflow_twin.model.run_id, str(tmp_path / "trips.csv"))
        root = mlflow_twin.client.get_run(mlflow_twin.model.run_id).info.artifact_uri
        assert root.startswith("mlflow-artifacts:")
        source = json.dumps({"uri": f"{root}/trips.csv"})
        logged = DatasetInput(Dataset("trips", name, "artifact", source))
        mlflow_twin.client.log_inputs(mlflow_twin.model.run_id, [logged])
        version = mlflow_twin.registry.version(name, mlflow_twin.register(name))
        run_id = mlflow_twin.model.run_id
        found = mlflow_twin.registry.logged_data(run_id, "trips", tmp_path / "here", beside=version)
        assert found == str(tmp_path / "here" / "trips.csv")
        assert read_holdout(found, name="holdout", target="fare").rows == 1

    def test_a_data_set_on_the_web_is_read_from_there(self, mlflow_twin, name, tmp_path):
        # MLflow keeps one source for all data sets of one name and digest: the first.
        run_id, version = mlflow_twin.log_data(name, "https://host/trips.csv", digest="7" * 32)
        found = mlflow_twin.registry.logged_data(run_id, "trips", tmp_path, beside=version)
        assert found == "https://host/trips.csv"

    def test_a_data_set_whose_source_has_no_address_says_its_kind(self, mlflow_twin, name, tmp_path):
        run_id, version = mlflow_twin.log_data(name, None, digest="6" * 32)
        with pytest.raises(ArtifactsMissing, match="has a source of the kind code"):
            mlflow_twin.registry.logged_data(run_id, "trips", tmp_path, beside=version)

    def test_a_copy_of_another_models_version(self, mlflow_twin, name):
        mlflow_twin.register(name)
        copy = mlflow_twin.client.copy_model_version(f"models:/{name}/1", f"{name}-copy")
        facts = self.facts(mlflow_twin, copy.name, int(copy.version))
        assert facts.source == f"models:/{name}/1"
        assert facts.signature
        assert facts.logged == {"rmse": 2.0, "mae": 1.0}

    @pytest.mark.parametrize("source", ["s3://nowhere/x", "gs://nowhere/x"])
    def test_a_store_that_cannot_be_read_from_here_is_no_fault_of_the_model(self, mlflow_twin, name, source):
        version = mlflow_twin.registry.version(name, mlflow_twin.register_from(name, source))
        with pytest.raises(RegistryUnavailable, match=source):
            mlflow_twin.registry.facts(version)

    def test_metrics_are_of_the_run_that_made_the_model_whatever_the_version_claims(self, mlflow_twin, name):
        number = mlflow_twin.register_from(
            name,
            f"models:/{mlflow_twin.model.model_id}",
            run_id="0" * 32,
            model_id=mlflow_twin.model.model_id,
        )
        facts = self.facts(mlflow_twin, name, number)
        assert facts.logged == {"rmse": 2.0, "mae": 1.0}
        assert "ada" in facts.authors

    def test_another_run_named_by_the_version_adds_its_author_and_no_metric(self, mlflow_twin, name):
        other = mlflow_twin.client.create_run("0", tags={"mlflow.user": "eve"}).info.run_id
        mlflow_twin.client.log_metric(other, "rmse", 0.0)
        number = mlflow_twin.register(name, run_id=other)
        facts = self.facts(mlflow_twin, name, number)
        assert facts.logged["rmse"] == 2.0
        assert {"ada", "eve"} <= facts.authors

    def test_a_run_that_is_gone_costs_its_metrics_only(self, mlflow_twin, name, tmp_path):
        (tmp_path / "MLmodel").write_text("flavors: {}\n")
        mlflow_twin.client.log_artifacts(mlflow_twin.model.run_id, str(tmp_path), artifact_path=name)
        root = mlflow_twin.client.get_run(mlflow_twin.model.run_id).info.artifact_uri
        number = mlflow_twin.register_from(name, f"{root}/{name}")
        version = mlflow_twin.registry.version(name, number).model_copy(update={"run_id": "0" * 32})
        assert mlflow_twin.registry.facts(version).logged == {}

    def test_the_files_of_a_run_that_is_gone_are_missing(self, mlflow_twin, name):
        gone = mlflow_twin.client.create_run("0").info
        number = mlflow_twin.register_from(name, f"runs:/{gone.run_id}/model", run_id=gone.run_id)
        with pytest.raises(ArtifactsMissing):
            self.facts(mlflow_twin, name, number)


@pytest.mark.mlflow
@pytest.mark.parametrize("quote", ["it's", 'a "b"'])
def test_versions_of_a_model_with_a_quote_in_its_name(mlflow_twin, name, quote):
    mlflow_twin.client.create_registered_model(f"{name} {quote}")
    mlflow_twin.client.create_model_version(f"{name} {quote}", "s3://nowhere/x")
    assert [each.version for each in mlflow_twin.registry.versions(f"{name} {quote}")] == [1]


@pytest.mark.mlflow
@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda r, n: r.set_tag(n, 1, "k" * 300, "v"), id="key too long"),
        pytest.param(lambda r, n: r.set_alias(n, "v1", 1), id="reserved alias"),
    ],
)
def test_what_mlflow_refuses_is_refused(mlflow_twin, name, write):
    mlflow_twin.register(name)
    with pytest.raises(RegistryRefused, match="INVALID_PARAMETER_VALUE") as refusal:
        write(mlflow_twin.registry, name)
    assert not isinstance(refusal.value, VersionMissing)


@pytest.mark.mlflow
def test_a_prompt_is_not_among_the_recent_versions(mlflow_twin, name):
    mlflow_twin.client.register_prompt(f"{name}-prompt", "say {{word}}")
    assert f"{name}-prompt" not in {each.name for each in mlflow_twin.registry.recent(5)}


def test_a_server_that_is_away_is_unavailable_at_once():
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        registry = MlflowRegistry(f"http://127.0.0.1:{unheard.getsockname()[1]}")
        with pytest.raises(RegistryUnavailable, match=r"cannot be asked now: .*Connection refused"):
            registry.recent(1)


def test_a_silent_server_is_unavailable_after_our_patience(monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        registry = MlflowRegistry(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(RegistryUnavailable, match="Read timed out"):
            registry.version("m", 1)


AWAY = "(psycopg2.InterfaceError) connection already closed (Background: https://sqlalche.me/e/20/rvf5)"
WRONG = "(psycopg2.errors.NumericValueOutOfRange) out of range (Background: https://sqlalche.me/e/20/9h9h)"


def answer(code, message="said so"):
    return json.dumps({"error_code": code, "message": message})


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(500, answer("INTERNAL_ERROR"), RegistryUnavailable, id="internal error"),
        pytest.param(503, "<html>gateway</html>", RegistryUnavailable, id="proxy without server"),
        pytest.param(429, answer("REQUEST_LIMIT_EXCEEDED"), RegistryUnavailable, id="too many requests"),
        pytest.param(200, "<html>welcome</html>", RegistryUnavailable, id="a page instead of an answer"),
        pytest.param(401, "who are you?", RegistryRefused, id="not signed in"),
        pytest.param(403, "Invalid Host header", RegistryRefused, id="host header"),
        pytest.param(404, "<html>no such page</html>", RegistryRefused, id="another kind of server"),
        pytest.param(404, answer("RESOURCE_DOES_NOT_EXIST"), VersionMissing, id="no such version"),
        pytest.param(400, answer("INVALID_PARAMETER_VALUE"), RegistryRefused, id="bad request"),
        pytest.param(400, answer("BAD_REQUEST", AWAY), RegistryUnavailable, id="its database is away"),
        pytest.param(400, answer("BAD_REQUEST", WRONG), RegistryRefused, id="its database says no"),
    ],
)
def test_each_answer_says_what_to_do(stub, status, body, expected):
    stub.answer = (status, body)
    with pytest.raises((RegistryRefused, RegistryUnavailable)) as told:
        MlflowRegistry(stub.url).transition("m", 1, Stage.STAGING)
    assert type(told.value) is expected
    assert stub.url in str(told.value)


@pytest.mark.parametrize(
    "uri", ["", "nonsense", "ftp://a", "http://", "http://a:99999", "http://a:x", "sqlite:///m.db"]
)
def test_what_is_no_address_is_refused_with_an_example(uri):
    with pytest.raises(RegistryRefused, match=r"http://127\.0\.0\.1:5000"):
        MlflowRegistry(uri)


def test_patience_already_set_stays():
    environ = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "99"}
    connect("http://127.0.0.1:1", environ)
    assert environ == PATIENCE | {"MLFLOW_HTTP_REQUEST_TIMEOUT": "99"}


TENSOR = """
signature:
  inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 7]}}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 1]}}]'
"""
OPTIONAL = """signature: {inputs: '[{"type": "double", "name": "tip", "required": false}]'}"""
ARRAY = """signature: {inputs: '[{"type": "array", "items": {"type": "string"}, "name": "words"}]'}"""


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        pytest.param(TENSOR, (Column(name=None, type="float32", shape=(-1, 7)),), id="tensor"),
        pytest.param(OPTIONAL, (Column(name="tip", type="double", required=False),), id="optional column"),
        pytest.param(ARRAY, (Column(name="words", type="Array(string)"),), id="array column"),
        pytest.param('signature: {outputs: \'[{"type": "double"}]\'}', (), id="no inputs"),
    ],
)
def test_a_signature_is_read(text, columns, version):
    signature, has_example = read_mlmodel(text, version)
    assert signature
    assert signature.inputs == columns
    assert not has_example


def test_a_model_without_signature_has_none(version):
    assert read_mlmodel("flavors: {}", version) == (None, False)


@pytest.mark.parametrize(
    "text", ["", "[", "- a", "signature: 7", "signature: {inputs: 'no json'}", "signature: {inputs: '[{}]'}"]
)
def test_an_unreadable_mlmodel_file_is_told(text, version):
    with pytest.raises(ArtifactsMissing, match="m version 1 cannot be read"):
        read_mlmodel(text, version)
