"""The two registries, each with a way to register versions and to lose their files."""

import itertools
import threading
import warnings
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from registry.memory import MemoryRegistry, Seed
from registry.words import Column, LoggedData, RequestedRun, Signature

SIGNATURE = Signature(
    inputs=(Column(name="distance", type="double"), Column(name="passengers", type="long")),
    outputs=(Column(name=None, type="tensor", shape=(-1,)),),
)
DIGEST = "4" * 32
_numbers = itertools.count(1)


class MemoryTwin:
    """Registers at the registry in memory."""

    def __init__(self):
        self.registry = MemoryRegistry(lambda: datetime(2026, 11, 23, tzinfo=UTC))
        self.seed = Seed(
            run_id="run",
            logged={"rmse": 2.0, "mae": 1.0},
            authors=frozenset({"ada"}),
            signature=SIGNATURE,
            has_input_example=True,
        )

    def register(self, name, tags=None):
        return self.registry.register(name, self.seed.model_copy(update={"tags": tags or {}})).version

    def register_with_run_file(self, name, path, content):
        return self.registry.register(
            name, self.seed.model_copy(update={"run_files": {path: content}})
        ).version

    def register_of_deleted_run(self, name):
        self.registry.deleted_runs.add("gone")
        return self.registry.register(name, self.seed.model_copy(update={"run_id": "gone"})).version

    def register_without_run(self, name):
        return self.registry.register(name, self.seed.model_copy(update={"run_id": None})).version

    def metrics_of_run(self, version):
        return self.registry.metrics_of_run(version)

    def log_data(self, name, address):
        """A version whose run logged one data set; the run's id comes back, and the version."""
        logged = (LoggedData(name="trips", digest=DIGEST),)
        seed = self.seed.model_copy(update={"run_data": {"trips": address}, "trained_on": logged})
        return "run", self.registry.register(name, seed)

    def register_lost(self, name):
        return self.registry.register(name, self.seed.model_copy(update={"files": None})).version

    def run_for(self, request, state, why):
        run = RequestedRun(run_id="made", state=state, why=why)
        self.registry.runs_for.setdefault(request, []).append(run)

    def delete(self, name, version):
        self.registry.delete(name, version)

    def tag_model(self, name, key, value):
        self.registry.tag_model(name, key, value)


class MlflowTwin:
    """Registers at a real MLflow server, as a trainer's own client would."""

    def __init__(self, registry, client, model):
        self.registry = registry
        self.client = client
        self.model = model

    def register(self, name, tags=None, run_id=None):
        source = f"models:/{self.model.model_id}"
        return self.register_from(name, source, run_id=run_id, tags=tags, model_id=self.model.model_id)

    def register_from(self, name, source, *, run_id=None, **more):
        if not self.client.search_registered_models(f"name = '{name}'"):
            self.client.create_registered_model(name)
        run_id = run_id or self.model.run_id
        return int(self.client.create_model_version(name, source, run_id, **more).version)

    def register_with_run_file(self, name, path, content):
        self.client.log_text(self.model.run_id, content.decode(), path)
        return self.register(name)

    def register_of_deleted_run(self, name):
        run = self.client.create_run("0").info.run_id
        number = self.register_from(name, f"runs:/{run}/model", run_id=run)
        self.client.delete_run(run)
        return number

    def register_without_run(self, name):
        self.client.create_registered_model(name)
        return int(self.client.create_model_version(name, "s3://nowhere/model").version)

    def metrics_of_run(self, version):
        return self.client.get_run(version.run_id).data.metrics

    def log_data(self, name, address, digest=DIGEST):
        import mlflow
        import pandas as pd
        from mlflow.data.pandas_dataset import from_pandas

        mlflow.set_tracking_uri(self.client.tracking_uri)
        with warnings.catch_warnings(), mlflow.start_run() as run:
            warnings.simplefilter("ignore")
            frame = pd.DataFrame({"distance": [1.0]})
            logged = from_pandas(frame, source=address, name="trips", digest=digest)
            mlflow.log_input(logged, context="training")
            seen = from_pandas(frame, source=address, name="seen", digest="5" * 32)
            mlflow.log_input(seen, context="eval")
        number = self.register_from(name, f"runs:/{run.info.run_id}/model", run_id=run.info.run_id)
        return run.info.run_id, self.registry.version(name, number)

    def register_lost(self, name):
        root = self.client.get_run(self.model.run_id).info.artifact_uri
        return self.register_from(name, f"{root}/never-written")

    def run_for(self, request, state, why):
        """In an experiment of its own, by a trainer that speaks as `training.service` does."""
        where = self.client.create_experiment(f"for {request}")
        long_ago = 1_000 if state == "silent" else None
        tags = {"gatehouse.request": request} | ({"gatehouse.why": why} if why else {})
        run_id = self.client.create_run(where, start_time=long_ago, tags=tags).info.run_id
        if state not in {"running", "silent"}:
            self.client.set_terminated(run_id, state.upper())

    def delete(self, name, version):
        self.client.delete_model_version(name, str(version))

    def tag_model(self, name, key, value):
        self.client.set_registered_model_tag(name, key, value)


@pytest.fixture(scope="session")
def mlflow_client(mlflow_server):
    from mlflow import MlflowClient

    return MlflowClient(mlflow_server, mlflow_server)


@pytest.fixture(scope="session")
def logged_model(mlflow_server):
    """One tiny scikit-learn model, logged with two metrics by a run of ada's."""
    import mlflow
    import mlflow.sklearn
    import pandas as pd
    from sklearn.linear_model import LinearRegression

    rides = pd.DataFrame({"distance": [1.0, 2.0, 3.0], "passengers": [1, 2, 1]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a trainer's libraries warn of is not our matter
        fitted = LinearRegression().fit(rides, [5.0, 8.0, 11.0])
        mlflow.set_tracking_uri(mlflow_server)
        mlflow.set_experiment("rides")
        with mlflow.start_run(tags={"mlflow.user": "ada"}):
            mlflow.log_metrics({"rmse": 3.0, "mae": 1.0})
            mlflow.log_metric("rmse", 2.0, step=1)
            return mlflow.sklearn.log_model(
                fitted,
                name="model",
                signature=mlflow.models.infer_signature(rides, fitted.predict(rides)),
                input_example=rides,
                pip_requirements=["scikit-learn"],
            )


@pytest.fixture
def mlflow_twin(mlflow_server, mlflow_client, logged_model):
    from registry.mlflow_registry import MlflowRegistry

    return MlflowTwin(MlflowRegistry(mlflow_server), mlflow_client, logged_model)


@pytest.fixture(params=["memory", pytest.param("mlflow", marks=pytest.mark.mlflow)])
def twin(request):
    """Either registry; what is asked of it must be true of both."""
    return MemoryTwin() if request.param == "memory" else request.getfixturevalue("mlflow_twin")


@pytest.fixture
def name():
    """A registered model name that no other test uses."""
    return f"taxi-{next(_numbers)}"


@pytest.fixture
def stub():
    """A server that gives every question the same answer; set `answer` to (status, body)."""
    with HTTPServer(("127.0.0.1", 0), Stub) as server:
        server.answer = (200, "{}")
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Stub(BaseHTTPRequestHandler):
    """Answers what its server holds."""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body = self.server.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    do_POST = do_GET  # noqa: N815 the name is http.server's

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def version():
    """A version named m."""
    return MemoryRegistry(lambda: datetime(2026, 11, 23, tzinfo=UTC)).register("m")
