"""The receiver's image, as it is deployed: read-only, without root, without MLflow."""

import base64
import contextlib
import hmac
import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ledger.engine import open_ledger, reading
from ledger.migrate import upgrade
from ledger.tables import DeliveryRow, WorkRow

ROOT = Path(__file__).parents[2]
SECRET = "the image's secret"


def docker(*words):
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=False)


def why_not():
    if shutil.which("docker") is None:
        return "there is no docker on this machine"
    engine = docker("info")
    return f"no Docker engine runs here: {engine.stderr.strip()[-200:]}" if engine.returncode else ""


pytestmark = [pytest.mark.docker, pytest.mark.skipif(bool(why_not()), reason=why_not())]


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    """Address of a running container, its name, and the ledger it writes to."""
    folder = tmp_path_factory.mktemp("ledger")
    folder.chmod(0o777)
    ledger = open_ledger(f"sqlite:///{folder}/ledger.db")
    upgrade(ledger)
    for path in folder.iterdir():
        path.chmod(0o666)
    name = f"gatehouse-test-{uuid.uuid4().hex[:8]}"
    built = docker("build", "--quiet", "--target", "receiver", "--tag", "gatehouse-receiver:test", str(ROOT))
    assert built.returncode == 0, built.stderr
    started = docker(
        "run", "--detach", "--name", name, "--publish", "127.0.0.1::8000", "--volume", f"{folder}:/ledger",
        "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
        "--env", "GATEHOUSE_LEDGER_URL=sqlite:////ledger/ledger.db", "--env", f"GATEHOUSE_WEBHOOK_SECRET={SECRET}",
        "gatehouse-receiver:test",
    )  # fmt: skip
    assert started.returncode == 0, started.stderr
    try:
        url = f"http://{docker('port', name, '8000').stdout.strip().splitlines()[0]}"
        wait_for(url, name)
        yield url, name, ledger
    finally:
        docker("rm", "--force", name)
        ledger.dispose()


def wait_for(url, name):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"{url}/healthz", timeout=2).close()
        time.sleep(0.2)
    return pytest.fail(docker("logs", name).stderr)


def signed(body, *, secret=SECRET):
    delivery, stamp = str(uuid.uuid4()), str(int(time.time()))
    digest = hmac.digest(secret.encode(), f"{delivery}.{stamp}.".encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "X-MLflow-Delivery-Id": delivery,
        "X-MLflow-Timestamp": stamp,
        "X-MLflow-Signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def post(url, body, headers):
    request = urllib.request.Request(f"{url}/webhooks/mlflow", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def count(ledger, table):
    with reading(ledger) as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_delivery_is_kept_with_redis_nowhere_to_be_found(receiver):
    url, _, ledger = receiver
    data = {
        "name": "taxi-fare",
        "version": "1",
        "source": "s",
        "run_id": None,
        "tags": {},
        "description": None,
    }
    body = json.dumps(
        {"entity": "model_version", "action": "created", "timestamp": "", "data": data}
    ).encode()
    assert post(url, body, signed(body)) == 202
    assert post(url, body, signed(body, secret="guessed")) == 401
    assert (count(ledger, DeliveryRow), count(ledger, WorkRow)) == (1, 1)


def test_it_does_not_run_as_root(receiver):
    assert docker("exec", receiver[1], "id", "-u").stdout.strip() == "10001"


@pytest.mark.parametrize("library", ["mlflow", "pandas", "numpy", "tensorflow"])
def test_it_is_small_because_it_knows_no_models(receiver, library):
    found = docker("exec", receiver[1], "python", "-c", f"import {library}")
    assert "ModuleNotFoundError" in found.stderr
