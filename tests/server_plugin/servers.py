"""Real MLflow servers with the plug-in."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from tests.server_plugin.inbox import SECRET


class Server:
    """An MLflow server with the plug-in, started anew by `start` over the same database."""

    def __init__(self, folder, database, *, app, workers, options=(), inbox=None):
        self.folder, self.database, self.inbox = folder, database, inbox
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "server.log"
        self.login = None
        self._command = [
            *(sys.executable, "-m", "mlflow", "server", "--app-name", app, "--workers", str(workers)),
            *("--backend-store-uri", database, "--artifacts-destination", str(folder / "artifacts")),
            *("--host", "127.0.0.1", "--port", str(port), *options),
        ]

    def start(self):
        told = (
            {"GATEHOUSE_RECEIVER_URL": self.inbox.url, "GATEHOUSE_PLUGIN_SECRET": SECRET}
            if self.inbox
            else {}
        )
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                self._command,
                env=_quiet(os.environ) | told | (_USERS if self.login else {}),
                stdout=out, stderr=out, cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        return self

    def wait(self):
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=1):
                    return self
            except OSError:
                time.sleep(0.1)
        pytest.fail(f"the MLflow server did not start:\n{self.log.read_text()[-3000:]}")

    def kill(self):
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def ask(self, path, told=None, *, method="POST", login=None):
        """The status and the body of an answer."""
        headers = {"Content-Type": "application/json"}
        if login := login or self.login:
            headers["Authorization"] = f"Basic {base64.b64encode(':'.join(login).encode()).decode()}"
        data = None if told is None else json.dumps(told).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def register(self, name, versions):
        assert self.ask("/api/2.0/mlflow/registered-models/create", {"name": name})[0] == 200
        for _ in range(versions):
            told = {"name": name, "source": "s3://nowhere/model"}
            assert self.ask("/api/2.0/mlflow/model-versions/create", told)[0] == 200

    def move(self, name, version, stage, *, archive=False, login=None):
        told = {"name": name, "version": str(version), "stage": stage, "archive_existing_versions": archive}
        return self.ask("/api/2.0/mlflow/model-versions/transition-stage", told, login=login)[0]

    def delete(self, name, version):
        told = {"name": name, "version": str(version)}
        return self.ask("/api/2.0/mlflow/model-versions/delete", told, method="DELETE")[0]


_USERS = {
    "MLFLOW_FLASK_SERVER_SECRET_KEY": "a key of the tests",
    "MLFLOW_AUTH_ADMIN_PASSWORD": "correct horse battery",
}
ADMIN = ("admin", _USERS["MLFLOW_AUTH_ADMIN_PASSWORD"])


def _quiet(environ):
    # Without its bytecode, MLflow takes twice as long to start.
    kept = {
        k: v for k, v in environ.items() if k != "PYTHONDONTWRITEBYTECODE" and not k.startswith("GATEHOUSE_")
    }
    return kept | {
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }
