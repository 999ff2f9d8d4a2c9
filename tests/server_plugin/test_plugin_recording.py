"""What is written down, and in whose transaction: MLflow's own store in this process."""

import pytest
from flask import Flask, g, request
from mlflow.exceptions import MlflowException
from mlflow.store.model_registry.dbmodels.models import SqlModelVersion
from sqlalchemy import select

from registry.server_plugin import outbox


@pytest.fixture
def model(store, name):
    """A registered model with three versions."""
    store.create_registered_model(name)
    for _ in range(3):
        store.create_model_version(name, "s3://nowhere/model")
    return name


def rows(store, name):
    mine = select(outbox.table).where(outbox.table.c.name == name).order_by(outbox.table.c.seq)
    with store.engine.connect() as connection:
        return connection.execute(mine).all()


def moves(store, name):
    return [(row.version, row.from_stage, row.to_stage) for row in rows(store, name)]


def test_registering_writes_nothing_down(store, model):
    assert moves(store, model) == []


def test_a_stage_change_is_written_down_and_rung_for(store, model):
    before = len(store.rings)
    store.transition_model_version_stage(model, 1, "staging", archive_existing_versions=False)
    assert moves(store, model) == [(1, "None", "Staging")]
    assert len(store.rings) == before + 1
    (row,) = rows(store, model)
    assert (row.workspace, row.actor, row.attempts, row.delivered_ms) == ("default", None, 0, None)
    stored = store.get_model_version(model, 1)
    assert 0 <= row.happened_ms - stored.last_updated_timestamp < 1000


def test_a_promotion_that_archives_tells_of_every_sibling(store, model):
    for version in (1, 2):
        store.transition_model_version_stage(model, version, "Production", archive_existing_versions=False)
    store.transition_model_version_stage(model, 3, "Production", archive_existing_versions=True)
    assert sorted(moves(store, model)[2:]) == [
        (1, "Production", "Archived"),
        (2, "Production", "Archived"),
        (3, "None", "Production"),
    ]


def test_what_changes_no_stage_writes_nothing_down(store, model):
    store.transition_model_version_stage(model, 1, "None", archive_existing_versions=False)
    store.update_model_version(model, 1, "another description")
    store.rename_registered_model(model, f"{model}-renamed")
    assert moves(store, model) == moves(store, f"{model}-renamed") == []


def test_a_refused_transition_writes_nothing_down(store, model):
    store.transition_model_version_stage(model, 1, "Production", archive_existing_versions=False)
    with pytest.raises(MlflowException, match="not found"):
        store.transition_model_version_stage(model, 99, "Production", archive_existing_versions=True)
    assert moves(store, model) == [(1, "None", "Production")]


def test_a_transition_rolled_back_after_it_was_written_leaves_nothing(store, model):
    before = len(store.rings)

    class Later(Exception):
        """Something else in the same transaction fails."""

    def change_and_fail(session):
        version = session.query(SqlModelVersion).filter_by(name=model, version=1).one()
        version.current_stage = "Production"
        session.flush()
        written = session.execute(select(outbox.table.c.seq).where(outbox.table.c.name == model)).all()
        assert len(written) == 1
        raise Later

    with pytest.raises(MlflowException), store.ManagedSessionMaker(read_only=False) as session:
        change_and_fail(session)
    assert moves(store, model) == []
    assert store.get_model_version(model, 1).current_stage == "None"
    assert len(store.rings) == before


def test_a_deleted_version_is_told_of_once(store, model):
    store.delete_model_version(model, 2)
    assert moves(store, model) == [(2, "None", "Deleted_Internal")]
    store.transition_model_version_stage(model, 3, "Staging", archive_existing_versions=False)
    store.delete_registered_model(model)
    assert sorted(moves(store, model)[2:]) == [
        (1, "None", "Deleted_Internal"),
        (3, "Staging", "Deleted_Internal"),
    ]


@pytest.mark.parametrize(
    ("checked", "actor"),
    [
        pytest.param("ada", "ada", id="checked by MLflow"),
        pytest.param(None, None, id="only claimed"),
        pytest.param("a" * 300, "a" * 256, id="longer than the column"),
    ],
)
def test_the_actor_is_whom_mlflow_has_checked(store, model, checked, actor):
    with Flask(__name__).test_request_context("/", auth=("grace", "whatever")):
        assert request.authorization.username == "grace"
        if checked:
            g.mlflow_authenticated_user = checked
        store.transition_model_version_stage(model, 1, "Staging", archive_existing_versions=False)
    assert [row.actor for row in rows(store, model)] == [actor]
