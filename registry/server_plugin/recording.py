"""Writes down what MLflow does to its model versions, in the transaction in which MLflow does it.

So a change that is rolled back leaves nothing, and one that is committed is never lost. SQLAlchemy tells of
every version that MLflow's mapper writes, also of the siblings that a promotion archives.
"""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import g, has_app_context
from mlflow.store.model_registry.dbmodels.models import SqlModelVersion
from sqlalchemy import Connection, event, inspect
from sqlalchemy.orm import Mapper, object_session

from registry.server_plugin import outbox
from registry.server_plugin.wire import DELETED, Change

ACTOR_MAX = 256


class Recorder:
    """Listens to MLflow's model versions; `ring` is called after a commit that changed any."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring

    def install(self) -> None:
        """Listen from now on, for as long as this process lives."""
        event.listen(SqlModelVersion, "after_update", self.updated)
        event.listen(SqlModelVersion, "after_delete", self.deleted)

    def updated(self, _mapper: Mapper[Any], connection: Connection, version: Any) -> None:
        """A row was updated; it is our matter if its stage is another."""
        stage = inspect(version).attrs.current_stage.history
        if stage.added:
            before = stage.deleted[0] if stage.deleted else None
            self._record(connection, version, before, stage.added[0])

    def deleted(self, _mapper: Mapper[Any], connection: Connection, version: Any) -> None:
        """A row is gone, with its registered model; MLflow may have called it deleted long before."""
        if version.current_stage != DELETED:
            self._record(connection, version, version.current_stage, DELETED)

    def _record(self, connection: Connection, version: Any, from_stage: str | None, to_stage: str) -> None:
        change = Change(
            message_id=f"msg_{uuid4().hex}",
            name=version.name,
            version=version.version,
            from_stage=from_stage,
            to_stage=to_stage,
            actor=actor(),
            workspace=getattr(version, "workspace", None),
            happened_ms=time.time_ns() // 1_000_000,
        )
        outbox.add(connection, change)
        if session := object_session(version):
            event.listen(session, "after_commit", lambda _session: self._ring(), once=True)


def actor() -> str | None:
    """Who asked, where MLflow has checked it. A name that nobody checked is no actor's."""
    name = getattr(g, "mlflow_authenticated_user", None) if has_app_context() else None
    return name[:ACTOR_MAX] if name else None
