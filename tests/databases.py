"""Ledgers for tests: a new SQLite file, or a new database on one PostgreSQL container for the session.

And MLflow's own databases, on SQLite.
"""

import shutil
import subprocess
import tempfile
import time
import uuid
import warnings
from functools import cache
from pathlib import Path

import psycopg
import pytest

from ledger.engine import open_ledger
from ledger.migrate import upgrade

IMAGE = "postgres:15-bookworm"
STARTING_S = 60
ON_BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.docker)]
"""For `@pytest.mark.parametrize("database", ON_BOTH, indirect=True)`."""


def docker(*words):
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def postgres_server():
    """The address of a PostgreSQL whose database `ledger` is migrated, without the database's name."""
    if shutil.which("docker") is None:
        pytest.skip("there is no docker on this machine")
    if (engine := docker("info")).returncode:
        pytest.skip(f"no Docker engine runs here: {engine.stderr.strip()[-200:]}")
    name = f"gatehouse-test-{uuid.uuid4().hex[:8]}"
    started = docker(
        "run", "--detach", "--rm", "--name", name, "--publish", "127.0.0.1::5432", "--tmpfs", "/var/lib/postgresql/data",
        "--env", "POSTGRES_PASSWORD=throw-away", IMAGE, "-c", "fsync=off", "-c", "max_connections=200",
    )  # fmt: skip
    assert started.returncode == 0, started.stderr
    try:
        port = docker("port", name, "5432").stdout.strip().splitlines()[0]
        wait_for(name)
        url = f"postgresql://postgres:throw-away@{port}"
        command(url, "create database ledger")
        ledger = open_ledger(f"{url}/ledger")
        upgrade(ledger)
        ledger.dispose()
        yield url
    finally:
        docker("rm", "--force", name)


def wait_for(name):
    deadline = time.monotonic() + STARTING_S
    while time.monotonic() < deadline:
        # Over TCP: while it sets itself up, the server listens on its socket only.
        if docker("exec", name, "pg_isready", "-h", "127.0.0.1").returncode == 0:
            return
        time.sleep(0.2)
    pytest.fail(docker("logs", name).stderr[-2000:])


def command(server, sql):
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(sql)


@pytest.fixture
def database(request):
    """Which database a test's ledger is on; SQLite unless the test asks for others by `ON_BOTH`."""
    return getattr(request, "param", "sqlite")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    """A migrated, empty ledger on SQLite, copied for each test: migrating takes longer than most tests."""
    file = tmp_path_factory.mktemp("ledger") / "empty.db"
    engine = open_ledger(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture
def ledger_url(database, migrated_file, tmp_path, request):
    """The address of a migrated, empty ledger of this test's own."""
    if database == "sqlite":
        yield f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'ledger.db')}"
    else:
        yield from _postgres(request.getfixturevalue("postgres_server"), template="ledger")


@pytest.fixture
def empty_url(database, tmp_path, request):
    """The address of a database that was never set up."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
    else:
        yield from _postgres(request.getfixturevalue("postgres_server"), template="template0")


def _postgres(server, *, template):
    name = f"test_{uuid.uuid4().hex[:12]}"
    command(server, f"create database {name} template {template}")
    yield f"{server}/{name}"
    command(server, f"drop database {name} with (force)")


@pytest.fixture
def ledger(ledger_url):
    """That ledger, opened."""
    engine = open_ledger(ledger_url)
    yield engine
    engine.dispose()


def new_mlflow(folder):
    """The address of an empty MLflow database in a folder, unless it has one. MLflow makes tables for two seconds."""
    file = folder / "mlflow.db"
    if not file.exists():
        file.write_bytes(_mlflow_tables())
    return f"sqlite:///{file}"


@cache
def _mlflow_tables():
    """As MLflow makes them, before it knows where its experiments' files are."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what MLflow's own import and migrations warn of is not our matter
        from mlflow.store.db.utils import _initialize_tables, create_sqlalchemy_engine

        file = Path(folder) / "mlflow.db"
        engine = create_sqlalchemy_engine(f"sqlite:///{file}")
        _initialize_tables(engine)
        engine.dispose()
        return file.read_bytes()
