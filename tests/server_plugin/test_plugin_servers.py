"""The plug-in in real MLflow servers: uvicorn and gunicorn, one worker and several, SQLite and PostgreSQL."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, inspect, select

from registry.server_plugin import outbox
from tests.databases import ON_BOTH

pytestmark = pytest.mark.mlflow
STAGES = ("Staging", "Production", "Archived", "None")


def test_mlflow_serves_as_before(server):
    assert "<title>MLflow" in server.ask("/", method="GET")[1]
    assert server.ask("/version", method="GET")[0] == 200
    assert server.ask("/api/2.0/mlflow/registered-models/search?max_results=1", method="GET")[0] == 200
    assert server.ask("/ajax-api/2.0/mlflow/experiments/search?max_results=1", method="GET")[0] == 200


def test_a_promotion_and_a_deletion_arrive_as_they_were_made(server, name):
    server.register(name, versions=2)
    assert server.move(name, 1, "production") == 200
    assert server.move(name, 1, "Production") == 200  # changes nothing
    assert server.move(name, 99, "Production", archive=True) == 404  # rolls back
    assert server.move(name, 2, "Production", archive=True) == 200
    assert server.delete(name, 1) == 200
    moves = server.inbox.wait_for(name, 4)
    assert moves[0] == (1, "None", "Production")
    assert sorted(moves[1:3]) == [(1, "Production", "Archived"), (2, "None", "Production")]
    assert moves[3] == (1, "Archived", "Deleted_Internal")
    told = [each for each in server.inbox.deliveries if each["data"]["name"] == name]
    assert [each["type"] for each in told[2:]] == ["model_version.stage_changed", "model_version.deleted"]
    assert {each["data"]["actor"] for each in told} == {"admin" if server.login else None}
    assert {each["data"]["workspace"] for each in told} == {"default"}


def test_changes_made_at_once_all_arrive_in_their_versions_order(server, name):
    server.register(name, versions=4)

    def walk(version):
        return [server.move(name, version, stage) for stage in STAGES]

    with ThreadPoolExecutor(4) as clients:
        assert all(answers == [200] * 4 for answers in clients.map(walk, (1, 2, 3, 4)))
    moves = server.inbox.wait_for(name, 16)
    for version in (1, 2, 3, 4):
        walked = [(before, after) for each, before, after in moves if each == version]
        assert walked == list(zip(("None", *STAGES[:-1]), STAGES, strict=True))


def test_while_the_receiver_is_down_mlflow_is_not_held_up(server, name):
    server.register(name, versions=1)
    server.inbox.close()
    began = time.monotonic()
    assert [server.move(name, 1, stage) for stage in STAGES] == [200] * 4
    assert time.monotonic() - began < 15  # of which basic auth's password hash has most
    server.inbox.open()
    server.inbox.answer = 503
    with server.inbox.arrived:
        assert server.inbox.arrived.wait_for(lambda: any(_of(name, server.inbox.seen)), 20)
    assert server.inbox.moves(name) == []
    server.inbox.answer = 202
    assert [after for _, _, after in server.inbox.wait_for(name, 4)] == list(STAGES)


def _of(name, told):
    return (each for each in told if each["data"]["name"] == name)


@pytest.mark.parametrize("server", ["uvicorn-1-sqlite"], indirect=True)
def test_what_a_killed_server_did_not_deliver_comes_after_its_restart(server, name):
    server.register(name, versions=1)
    server.inbox.close()
    assert server.move(name, 1, "Staging") == 200
    assert server.move(name, 1, "Production") == 200
    server.kill()
    server.inbox.open()
    assert server.inbox.moves(name) == []
    server.start().wait()
    assert server.inbox.wait_for(name, 2, seconds=40) == [
        (1, "None", "Staging"),
        (1, "Staging", "Production"),
    ]


@pytest.mark.parametrize(
    "server", ["uvicorn-2-sqlite-passwords", "gunicorn-2-sqlite-passwords"], indirect=True
)
def test_behind_passwords_the_actor_is_who_logged_in(server, name):
    grace = ("grace", "a long enough password")
    told = {"username": grace[0], "password": grace[1]}
    assert server.ask("/api/2.0/mlflow/users/create", told)[0] == 200
    server.register(name, versions=1)
    granted = {
        "username": "grace",
        "resource_type": "registered_model",
        "resource_id": name,
        "permission": "EDIT",
    }
    assert server.ask("/api/3.0/mlflow/users/permissions/grant", granted)[0] == 200
    assert server.move(name, 1, "Staging", login=("grace", "another password")) == 401
    login, server.login = server.login, None
    assert server.move(name, 1, "Staging") == 401
    server.login = login
    assert server.move(name, 1, "Staging", login=grace) == 200
    server.inbox.wait_for(name, 1)
    assert [each["data"]["actor"] for each in _of(name, server.inbox.deliveries)] == ["grace"]


@pytest.mark.parametrize("database", ON_BOTH, indirect=True)
def test_many_processes_may_create_the_table_at_once(empty_url):
    url = empty_url.replace("postgresql:", "postgresql+psycopg:")
    engines = [create_engine(url) for _ in range(8)]
    together = threading.Barrier(len(engines))

    def make(engine):
        together.wait()
        outbox.make_table(engine)

    with ThreadPoolExecutor(len(engines)) as pool:
        list(pool.map(make, engines))
    there = inspect(engines[0])
    assert there.has_table("gatehouse_outbox")
    assert there.has_index("gatehouse_outbox", "gatehouse_outbox_waiting")
    for engine in engines:
        engine.dispose()


def test_without_settings_the_server_starts_and_keeps_the_changes(tmp_path, name):
    from tests.server_plugin.servers import Server

    server = Server(tmp_path, f"sqlite:///{tmp_path / 'mlflow.db'}", app="gatehouse", workers=1)
    try:
        server.start().wait()
        server.register(name, versions=1)
        assert server.move(name, 1, "Staging") == 200
    finally:
        server.kill()
    assert server.log.read_text().count("set GATEHOUSE_RECEIVER_URL") == 1
    engine = create_engine(server.database)
    with engine.connect() as connection:
        kept = connection.execute(select(outbox.table)).all()
    engine.dispose()
    assert [(row.version, row.to_stage, row.delivered_ms) for row in kept] == [(1, "Staging", None)]
