"""Where MLflow and the ledger keep what they know: a PostgreSQL that can be killed, or SQLite files."""

import contextlib
import shutil
import subprocess
import time
import uuid

import psycopg

from gatehouse.stack.ports import Ports, choose
from tests.databases import IMAGE, new_mlflow

STARTING_S = 120


class Files:
    """SQLite: no server, so nothing to kill but those who write."""

    kind = "sqlite"

    def __init__(self, folder):
        self.ledger_url = f"sqlite:///{folder / 'ledger.db'}"
        self.mlflow_url = new_mlflow(folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def is_up(self):
        return True

    def kill(self):
        pass

    def revive(self):
        pass


class Postgres:
    """One server in Docker with both databases, commits on disk as on a usual day."""

    kind = "postgres"

    def __init__(self):
        self._name = f"gatehouse-chaos-{uuid.uuid4().hex[:8]}"
        self._port = choose(Ports(0, 0, 0, 0), lambda _: None).redis
        where = f"//postgres:throw-away@127.0.0.1:{self._port}"
        self.ledger_url, self.mlflow_url = f"postgresql:{where}/ledger", f"postgresql+psycopg2:{where}/mlflow"
        self._address = f"postgresql:{where}/postgres?connect_timeout=2"
        self._killed = False

    def __enter__(self):
        run = ("run", "--detach", "--name", self._name, "--network", "host")
        started = docker(*run, "--env", "POSTGRES_PASSWORD=throw-away", IMAGE, "-p", str(self._port))
        if started.returncode:
            raise RuntimeError(f"PostgreSQL did not start: {started.stderr}")
        deadline = time.monotonic() + STARTING_S
        while not self.is_up():
            if time.monotonic() > deadline:
                raise TimeoutError(docker("logs", self._name).stderr[-2000:])
            time.sleep(0.2)
        with psycopg.connect(self._address, autocommit=True) as connection:
            for name in ("ledger", "mlflow"):
                connection.execute(f"create database {name}")
        return self

    def __exit__(self, *_):
        docker("rm", "--force", "--volumes", self._name)

    def is_up(self):
        """Over TCP: while it sets itself up, the server listens on its socket only."""
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self._address):
            return True
        return False

    def kill(self):
        docker("kill", "--signal", "KILL", self._name)
        self._killed = True

    def revive(self):
        if self._killed and docker("start", self._name).returncode == 0:
            self._killed = False


def docker(*words):
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=False)


def has_docker():
    return shutil.which("docker") is not None and docker("info").returncode == 0
