"""One look: claim a version that is due, judge it, and give the claim back as the outcome says.

A worker may die anywhere here: its lease runs out, and the next look finds what the ledger and the
registry then say. So what is written here need not wait for the disk: after a power failure it is due again.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from ledger import locks, work
from ledger.engine import writing
from ledger.errors import LedgerUnavailable
from ledger.work import Claim
from registry.errors import RegistryUnavailable
from workers.errors import ModelBusy
from workers.gatekeeper import Gatekeeper
from workers.judge import Later, judge
from workers.queue import LOOK

RENEW_S = work.LEASE.total_seconds() / 3

log = logging.getLogger(__name__)
Ending = Callable[[Session, Claim, datetime, str], datetime | None]
"""How a look that did not come to its end is written down: foreseen, or not."""


def look(keeper: Gatekeeper) -> bool:
    """Judge one version that is due; False if none was. Anything unforeseen is noted, then raised."""
    with writing(keeper.ledger, lasting=False) as session:
        claim = work.claim(session, keeper.now())
    if claim is None:
        return False
    try:
        with _renewed(keeper, claim):
            later = judge(keeper, claim.model, claim.version)
    except ModelBusy as error:
        _close(keeper, claim, Later(str(error)), ended=work.stand_aside)
        return True
    except (RegistryUnavailable, LedgerUnavailable) as error:
        later = Later(str(error))
    except Exception as error:
        _close(keeper, claim, Later(f"{type(error).__name__}: {error}"), ended=work.fail)
        raise
    _close(keeper, claim, later)
    return True


def _close(keeper: Gatekeeper, claim: Claim, later: Later | None, ended: Ending = work.postpone) -> None:
    with writing(keeper.ledger, lasting=False) as session:
        if later is None:
            work.finish(session, claim, keeper.now())
        elif later.until is not None:
            due = work.wait(session, claim, keeper.now(), later.until)
            log.info("model_name=%r version=%s waits until %s", claim.model, claim.version, due)
        else:
            due = ended(session, claim, keeper.now(), later.why)
            again = f"again at {due.isoformat()}" if due else "not again by us"
            log.warning("model_name=%r version=%s %s: %s", claim.model, claim.version, again, later.why)
        more = work.due_count(session, keeper.now())
    if more:
        keeper.ring(LOOK)


@contextmanager
def _renewed(keeper: Gatekeeper, claim: Claim) -> Iterator[None]:
    """Keep the lease while this process lives and looks, also over an outage of the ledger within it."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(RENEW_S):
            try:
                with writing(keeper.ledger, lasting=False) as session:
                    work.renew(session, claim, keeper.now())
                    locks.renew(session, keeper.holder, keeper.now())
            except LedgerUnavailable as error:
                log.warning(
                    "model_name=%r version=%s lease not renewed: %s", claim.model, claim.version, error
                )

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
