"""An inbox, an outbox, MLflow's own store in this process, and real MLflow servers, shared by a module."""

import contextlib
import functools
import os
import warnings
from itertools import count

import pytest
from sqlalchemy import create_engine, event

from registry.server_plugin import outbox
from tests.databases import command, new_mlflow
from tests.server_plugin.inbox import Inbox
from tests.server_plugin.servers import ADMIN, Server

_numbers = count(1)


@pytest.fixture
def inbox():
    taking = Inbox()
    yield taking
    taking.close()


@pytest.fixture
def name():
    """A registered model name that no other test uses."""
    return f"plugin-{os.getpid()}-{next(_numbers)}"


@pytest.fixture
def engine(tmp_path):
    """An empty outbox of its own, without MLflow's tables."""
    made = create_engine(f"sqlite:///{tmp_path / 'outbox.db'}")
    outbox.make_table(made)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """MLflow's own registry store in this process, with its changes recorded; `rings` counts commits."""
    folder = tmp_path_factory.mktemp("store")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what MLflow's own import and migrations warn of is not our matter
        from mlflow.store.model_registry.dbmodels.models import SqlModelVersion
        from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore

        from registry.server_plugin.recording import Recorder

        made = SqlAlchemyStore(new_mlflow(folder))
    outbox.make_table(made.engine)
    made.rings = []
    recorder = Recorder(lambda: made.rings.append(1))
    recorder.install()
    yield made
    event.remove(SqlModelVersion, "after_update", recorder.updated)
    event.remove(SqlModelVersion, "after_delete", recorder.deleted)
    made.engine.dispose()


GUNICORN = ["--gunicorn-opts", "--log-level=info"]
SERVERS = {
    "uvicorn-1-sqlite": {"workers": 1},
    "uvicorn-2-postgres": {"workers": 2},
    "uvicorn-2-sqlite-passwords": {"workers": 2},
    "gunicorn-2-postgres": {"workers": 2, "options": GUNICORN},
    "gunicorn-2-sqlite-passwords": {"workers": 2, "options": GUNICORN},
}


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Starts a kind of server over a database, once; each has an inbox of its own."""
    with contextlib.ExitStack() as opened:
        made = {}

        def start(kind, database):
            if kind not in made:
                folder = tmp_path_factory.mktemp(kind)
                url = database or new_mlflow(folder)
                made[kind] = opened.enter_context(_server(folder, url, kind))
            return made[kind]

        yield start


@pytest.fixture(
    params=[pytest.param(kind, marks=pytest.mark.docker if "postgres" in kind else ()) for kind in SERVERS]
)
def server(request, started):
    """Each kind of server in turn, up."""
    database = (
        request.getfixturevalue("mlflow_postgres")(request.param) if "postgres" in request.param else None
    )
    return started(request.param, database).wait()


@pytest.fixture(scope="module")
def mlflow_postgres(postgres_server):
    """An empty PostgreSQL database for each kind. MLflow's SQL compares numbers with text, which psycopg 3 refuses."""

    @functools.cache
    def make(kind):
        name = kind.replace("-", "_")
        command(postgres_server, f"create database {name}")
        return f"{postgres_server}/{name}".replace("postgresql:", "postgresql+psycopg2:")

    return make


@contextlib.contextmanager
def _server(folder, database, kind):
    taking = Inbox()
    app = "gatehouse-basic-auth" if "passwords" in kind else "gatehouse"
    made = Server(folder, database, app=app, **SERVERS[kind], inbox=taking)
    made.login = ADMIN if "passwords" in kind else None
    try:
        yield made.start()
    finally:
        made.kill()
        taking.close()
