"""docker-compose.yml, for real: the main job on PostgreSQL, services killed one by one, workers added."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from registry.mlflow_registry import MlflowRegistry
from registry.words import Stage

ROOT = Path(__file__).parents[2]
CANDIDATES = ROOT / "tests" / "e2e" / "candidates.py"
PATIENCE_S = 300
POLICY = """\
policy: compose
models: ["fare-*"]
datasets:
  holdout: {uri: "${TAXI_HOLDOUT}", target: fare_amount}
transitions:
  - from: none
    to: staging
    gates: [{signature: required}]
  - from: staging
    to: production
    gates:
      - {loads: within 60s}
      - {metric: rmse, max: 15}
      - {metric: mae, compared_to: champion, margin: 5%}
    first_version: promote
    on_pass: [{transition: production}, {alias: champion}]
    on_fail: [{transition: archived}]
"""
TRAINED = """\
policy: trained
models: [taxi-trained]
datasets:
  holdout: {uri: /data/trips/holdout.parquet, target: fare_amount}
transitions:
  - from: none
    to: production
    gates: [{signature: required}, {metric: rmse, max: 1000}]
    first_version: promote
"""
RUNNING = ("postgres", "redis", "mlflow", "receiver", "console", "worker", "rounds", "beat", "trainer")


def why_not():
    if shutil.which("docker") is None or shutil.which("docker-compose") is None:
        return "there is no docker-compose on this machine"
    engine = subprocess.run(["docker", "info"], capture_output=True, text=True, check=False)
    return f"no Docker engine runs here: {engine.stderr.strip()[-200:]}" if engine.returncode else ""


pytestmark = [
    pytest.mark.compose,
    pytest.mark.docker,
    pytest.mark.e2e,
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture(scope="session")
def docker_compose_command():
    return "docker-compose"


@pytest.fixture(scope="session")
def docker_compose_file():
    return str(ROOT / "docker-compose.yml")


@pytest.fixture(scope="session")
def docker_compose_project_name():
    return "gatehousetest"


@pytest.fixture(scope="session")
def docker_setup(tmp_path_factory):
    """Before the first container: secrets, a policy, a hold-out, and ports that are free."""
    folder = tmp_path_factory.mktemp("compose")
    subprocess.run(["sh", str(ROOT / "docker" / "secrets.sh")], check=True, capture_output=True)
    (folder / "policies").mkdir()
    (folder / "policies" / "compose.yaml").write_text(POLICY)
    (folder / "data").mkdir()
    draw = np.random.default_rng(0)
    distance = draw.uniform(1, 20, 1000)
    fare = 2.5 + 2 * distance + draw.normal(0, 0.5, 1000)
    rows = pd.DataFrame({"distance_km": distance, "hour": draw.integers(0, 24, 1000), "fare_amount": fare})
    rows.to_parquet(folder / "data" / "holdout.parquet")
    (folder / "policies" / "trained.yaml").write_text(TRAINED)
    trips, prepared = str(folder / "trips.csv"), str(folder / "data" / "trips")
    for words in (
        ("training.generate", "--rows", "4000", "--out", trips),
        ("training.etl", "--data", trips, "--out", prepared),
    ):
        subprocess.run([sys.executable, "-m", *words], check=True, capture_output=True, cwd=ROOT)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    for parent in list(folder.parents)[:2]:
        parent.chmod(0o755)
    os.environ |= {
        "GATEHOUSE_POLICIES": str(folder / "policies"), "GATEHOUSE_DATA": str(folder / "data"),
        "GATEHOUSE_TRAINING_DATA": "/data/trips", "GATEHOUSE_TRAINING_MODEL": "taxi-asked",
        "GATEHOUSE_TRAINING_ARGUMENTS": "--model boosted --epochs 3",
        "MLFLOW_PORT": free_port(), "RECEIVER_PORT": free_port(), "CONSOLE_PORT": free_port(),
    }  # fmt: skip
    # What a killed run left behind has other secrets.
    return ["down --volumes --remove-orphans", "up --detach --build"]


@pytest.fixture(scope="session")
def docker_cleanup():
    return ["down --volumes --remove-orphans"]


def compose(*words):
    command = ["docker-compose", "-p", "gatehousetest", "-f", str(ROOT / "docker-compose.yml"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def kill(service):
    """As a crash does: Docker itself does not count it as a stop, so its restart policy acts."""
    for container in compose("ps", "-q", service).stdout.split():
        pid = subprocess.run(
            ["docker", "inspect", "--format", "{{.State.Pid}}", container],
            capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        subprocess.run(["kill", "-9", pid], check=True)


@pytest.fixture(scope="session")
def registry(docker_services):
    found = MlflowRegistry(f"http://127.0.0.1:{os.environ['MLFLOW_PORT']}")
    eventually(lambda: compose("ps", "-q", "webhooks").stdout.strip() and ended("webhooks"))
    return found


def ended(service):
    (container,) = compose("ps", "-q", service).stdout.split()
    state = subprocess.run(
        ["docker", "inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", container],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return state == ["exited", "0"]


def eventually(condition):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except Exception as error:  # noqa: BLE001 services that come back refuse for a while
            last = error
        else:
            last = None
        time.sleep(0.3)
    pytest.fail(f"it did not come to pass ({last}):\n{compose('logs', '--tail=15').stdout[-6000:]}")


def candidate(model, kind):
    environ = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    url = f"http://127.0.0.1:{os.environ['MLFLOW_PORT']}"
    done = subprocess.run(
        [sys.executable, str(CANDIDATES), url, model, kind],
        capture_output=True,
        text=True,
        check=False,
        env=environ,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


def stages(registry, model):
    return {version.version: version.stage for version in registry.versions(model)}


def test_the_main_job_runs_on_many_processes(registry):
    candidate("fare-main", "straight_line")
    eventually(lambda: stages(registry, "fare-main") == {1: Stage.PRODUCTION})
    candidate("fare-main", "flat")
    eventually(lambda: stages(registry, "fare-main") == {1: Stage.PRODUCTION, 2: Stage.ARCHIVED})
    told = compose("exec", "-T", "rounds", "/entrypoint", "gatehouse", "history", "fare-main")
    assert "mlflow webhook" in told.stdout, told.stderr


@pytest.mark.parametrize("service", ["redis", "receiver", "worker", "rounds", "beat", "postgres", "mlflow"])
def test_a_service_that_is_killed_comes_back_and_nothing_is_lost(registry, service):
    model = f"fare-{service}"
    candidate(model, "straight_line")
    kill(service)
    eventually(lambda: stages(registry, model) == {1: Stage.PRODUCTION})


def test_workers_are_added_and_one_that_is_killed_is_stood_in_for(registry):
    scaled = compose("up", "--detach", "--no-build", "--scale", "worker=2")
    assert scaled.returncode == 0, scaled.stderr
    for number in range(3):
        candidate(f"fare-scaled-{number}", "straight_line")
        if number == 1:
            kill("worker")
    for number in range(3):
        eventually(lambda number=number: stages(registry, f"fare-scaled-{number}") == {1: Stage.PRODUCTION})


def test_a_trainer_that_stands_apart_registers_a_network_and_the_gate_promotes_it(registry):
    words = ("python", "-m", "training.train", "--data", "/data/trips", "--owner", "pricing")
    less = ("--name", "taxi-trained", "--rows", "2000", "--epochs", "1")
    trained = compose("run", "--rm", "-T", "trainer", *words, *less)
    assert trained.returncode == 0, trained.stderr[-3000:]
    eventually(lambda: stages(registry, "taxi-trained") == {1: Stage.PRODUCTION})
    held = compose("run", "--rm", "-T", "trainer", "sh", "-c", "ls /run/secrets; env").stdout
    assert "secret" not in held.lower()


def test_a_trainer_that_is_asked_for_a_candidate_registers_one(registry):
    request = {"model": "taxi-asked", "request": "by-a-test", "why": "the test asks"}
    ask = f"from workers.bell import trainers_bell; trainers_bell('redis://redis:6379/0')({request})"
    asked = compose("exec", "-T", "rounds", "python", "-c", ask)
    assert asked.returncode == 0, asked.stderr
    eventually(lambda: [each.version for each in registry.versions("taxi-asked")] == [1])
    eventually(
        lambda: (
            [run.state for run in registry.requested("taxi-asked", "by-a-test", datetime.now(UTC))]
            == ["finished"]
        )
    )


def inspected(service):
    """What Docker knows of each of a service's containers."""
    ids = compose("ps", "-q", service).stdout.split()
    shown = subprocess.run(["docker", "inspect", *ids], capture_output=True, text=True, check=True).stdout
    return json.loads(shown)


@pytest.mark.parametrize("service", RUNNING)
def test_every_service_is_healthy_comes_back_and_can_write_nowhere_it_need_not(registry, service):
    eventually(lambda: {each["State"]["Health"]["Status"] for each in inspected(service)} == {"healthy"})
    for each in inspected(service):
        host = each["HostConfig"]
        assert host["RestartPolicy"]["Name"] == "unless-stopped"
        assert (host["ReadonlyRootfs"], host["CapDrop"]) == (True, ["ALL"])


def test_no_container_runs_as_root_and_no_secret_stands_in_a_command(registry):
    for service in RUNNING:
        assert int(compose("exec", "-T", service, "id", "-u").stdout) > 0, service
    secret = (ROOT / "docker" / "secrets" / "postgres_password").read_text()
    shown = subprocess.run(["ps", "axww"], capture_output=True, text=True, check=True).stdout
    assert secret not in shown
