"""Takes a stored delivery once more: its body is read anew, and its version looked at again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine

from ledger.engine import writing
from ledger.inbox import Delivery, Note
from webhooks.dialects import DIALECTS
from webhooks.errors import DeliveryInvalid
from webhooks.follow import Followed, follow_again


def replay(engine: Engine, delivery: Delivery, now: datetime, workspaces: Sequence[str] = ()) -> Followed:
    """Doing it twice asks twice for the same look, and changes nothing else but the record.

    Raises DeliveryInvalid where this product cannot read what an earlier one took, and LedgerUnavailable.
    """
    dialect = DIALECTS.get(delivery.source)
    if dialect is None:
        raise DeliveryInvalid(f"'{delivery.source}' is no dialect of this Gatehouse")
    note = Note(dialect.parse(delivery.body.encode()), "replay", now, delivery.id)
    with writing(engine) as session:
        return follow_again(session, note, workspaces)
