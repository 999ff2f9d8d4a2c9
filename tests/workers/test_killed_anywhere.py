"""Whatever moment a worker is killed at, the next one ends what it began, and nothing is done twice.

Real processes, killed as the kernel kills, over a real MLflow server; each promotion meets another moment.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from ledger import work
from ledger.engine import reading, writing
from ledger.tables import ActionRow, DecisionRow, MessageRow
from registry.aliased import AliasedRegistry
from registry.mlflow_registry import MlflowRegistry
from registry.words import Stage
from tests.workers.killed import World

pytestmark = pytest.mark.mlflow
POLICY = """\
policy: killed
{lifecycle}models: ["killed-*"]
transitions:
  - from: none
    to: production
    gates: [{{tags: [owner]}}]
    on_pass: [{{transition: production}}, {{alias: best}}, {{notify: "#team"}}]
    first_version: promote
"""
MOMENTS_MIN = 16
MOMENTS_MAX = 60
LEASES = 2 * work.LEASE + timedelta(seconds=5)
"""A claim's, then a message's: each is as long as its own."""


@pytest.fixture(scope="module")
def mlflow(mlflow_server):
    from mlflow import MlflowClient

    client = MlflowClient(mlflow_server, mlflow_server)
    run = client.create_run("0")
    client.log_text(run.info.run_id, "flavors: {}\n", "model/MLmodel")
    client.source = f"{run.info.artifact_uri}/model"
    client.run_id = run.info.run_id
    return client


@pytest.fixture
def lifecycle(database):
    """Each database meets one of the two: dying takes its time."""
    return {"sqlite": "stages", "postgres": "aliases"}[database]


@pytest.fixture
def registry(mlflow_server, lifecycle):
    found = MlflowRegistry(mlflow_server)
    return found if lifecycle == "stages" else AliasedRegistry(found)


@pytest.fixture
def world(mlflow_server, ledger_url, tmp_path, lifecycle):
    (tmp_path / "policies").mkdir()
    said = "lifecycle: aliases\n" if lifecycle == "aliases" else ""
    (tmp_path / "policies" / "killed.yaml").write_text(POLICY.format(lifecycle=said))
    return World(mlflow_server, ledger_url, tmp_path / "policies", tmp_path / "diary")


@pytest.fixture
def register(mlflow, ledger, database, lifecycle):
    """A new version, rung for; the name of its model."""

    def made(world, number):
        name = f"killed-{database}-{lifecycle}-{number}"
        if not mlflow.search_registered_models(f"name = '{name}'"):
            mlflow.create_registered_model(name)
        version = mlflow.create_model_version(name, mlflow.source, mlflow.run_id, tags={"owner": "ada"})
        with writing(ledger) as session:
            work.ring(session, name, int(version.version), datetime.now(UTC) + world.late)
        return name

    return made


def test_a_worker_killed_at_any_moment_of_a_promotion_is_finished_by_the_next(
    world, registry, register, ledger
):
    names = [register(world, 0)]
    assert world.work()
    for moment in range(1, MOMENTS_MAX):
        register(world, moment - 1)
        lived = world.work(kill_at=moment)
        world = replace(world, late=world.late + LEASES)
        if lived:
            break
        names.append(register(world, moment))
        assert world.work()
    assert lived
    assert len(names) > MOMENTS_MIN
    for name in names:
        stages = {each.version: each.stage for each in registry.versions(name)}
        assert stages == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}, name
        assert "best" in registry.version(name, 2).aliases
    _assert_nothing_is_left_nor_doubled(ledger, names)
    _assert_done_once(world.written(), names)


def _assert_nothing_is_left_nor_doubled(ledger, names):
    with reading(ledger) as session:
        assert work.problems(session) == {}
        decided = Counter(map(tuple, session.execute(select(DecisionRow.model, DecisionRow.version))))
        assert decided == {(name, version): 1 for name in names for version in (1, 2)}
        done = session.scalars(select(ActionRow.state)).all()
        assert len(done) == 3 * len(decided)
        assert set(done) <= {"done", "needless"}
        assert set(session.scalars(select(MessageRow.state))) == {"sent"}


def _assert_done_once(diary, names):
    """A change is made once. A message may be told twice, by one who died before writing down that it was."""
    lines = Counter(diary)
    changes = {line: times for line, times in lines.items() if not line.startswith("told")}
    assert set(changes.values()) == {1}
    told = Counter({line: times for line, times in lines.items() if line.startswith("told")})
    assert {line.split()[1] for line in told} == set(names)
    assert sum(told.values()) - len(told) <= 2
