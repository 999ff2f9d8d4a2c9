"""The sweep: reads the registry and finds what no event told of.

MLflow sends nothing for a stage change and loses webhooks at every restart; this is what makes "no event
is lost" true against any MLflow. The quick sweep reads newest change first down to a watermark: one request
for as long as little has changed. It cannot see tags, aliases and deletions, for which MLflow bumps no time;
the full sweep, now and then, reads everything.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from ledger import holds, interactions, outbox, reports, sightings, waiting, work
from ledger.engine import reading, writing
from ledger.sightings import Sighting
from registry.words import ModelVersion
from workers.broken_policies import report_broken
from workers.crowding import ring_crowded
from workers.gatekeeper import Gatekeeper
from workers.hold_news import tell_holds
from workers.notes import differs, note_deletion, take_in
from workers.overtaken import ring_overtaken
from workers.queue import INTERACT, LOOK, REPORT, TELL
from workers.retraining import ask_for_candidates

OVERLAP = timedelta(seconds=10)
"""Read again below the watermark: a change may become visible later than its timestamp."""
DEEPER = 10
READING = timedelta(minutes=2)
"""So long nobody else begins to read everything, should the reader die."""
REST = 9
"""So many times as long as a full sweep took nobody begins another: a tenth of MLflow's time at most."""
RINGS_MAX = 20
NEVER = datetime.fromtimestamp(0, UTC)

log = logging.getLogger(__name__)


def sweep(keeper: Gatekeeper, depth: int) -> int:
    """Read what changed last, record what is new, ring for all that is due.

    `depth` is how many versions are asked for at first; how many news were found comes back. A registry that
    was never read is read as a whole. Raises RegistryUnavailable; what is due is rung for all the same.
    """
    try:
        with reading(keeper.ledger) as session:
            watermark = sightings.watermark(session)
        if watermark is None:
            return sweep_fully_in_turn(keeper)
        versions = list(_changed(keeper, depth, watermark))
        found = take_in(keeper, versions, with_aliases=False, first=False)
        # It moves last, so that a sweep that dies is swept again.
        _advance(keeper, max([watermark, *(version.updated for version in versions)]))
        return _told(found)
    finally:
        _ring_due(keeper)


def sweep_fully_in_turn(keeper: Gatekeeper) -> int:
    """The same as `sweep_fully`, unless somebody does that now or has done it lately."""
    began = keeper.now()
    with writing(keeper.ledger) as session:
        if not sightings.take_turn(session, began, until=began + READING):
            return 0
    try:
        return sweep_fully(keeper)
    finally:
        ended = keeper.now()
        with writing(keeper.ledger) as session:
            sightings.end_turn(session, until=ended + REST * (ended - began))


def sweep_fully(keeper: Gatekeeper) -> int:
    """Read everything: tags, aliases, deletions, two champions, changed policies. Raises RegistryUnavailable.

    It moves the watermark to before it began: what changes while it reads may be on no page.
    """
    report_broken(keeper)
    with reading(keeper.ledger) as session:
        watermark = sightings.watermark(session)
        known = sightings.everything(session)
    newest = [version.updated for version in keeper.registry.recent(1)]
    versions = keeper.registry.everything()
    there = {(version.name, version.version) for version in versions}
    gone = _gone(keeper, [sighting for key, sighting in known.items() if key not in there])
    changed = [v for v in versions if differs(v, known.get((v.name, v.version)))]
    found = take_in(keeper, changed, with_aliases=True, first=watermark is None)
    _advance(keeper, max([watermark or NEVER, *newest]))
    with writing(keeper.ledger) as session:
        for sighting in gone:
            note_deletion(session, sighting, keeper.now())
        waiting.wake(session, [policy.digest for policy in keeper.policies().policies], keeper.now())
    ring_crowded(keeper, versions)
    ring_overtaken(keeper, versions)
    ask_for_candidates(keeper, versions)
    _ring_due(keeper)
    return _told(found + len(gone))


def _advance(keeper: Gatekeeper, read_to: datetime) -> None:
    with writing(keeper.ledger) as session:
        sightings.advance(session, read_to)


def _told(found: int) -> int:
    if found:
        log.info("the sweep found %d changes", found)
    return found


def _gone(keeper: Gatekeeper, missed: Sequence[Sighting]) -> list[Sighting]:
    """Those that are gone indeed: pages that shift while they are read can leave one out."""
    there = {
        (version.name, version.version)
        for model in {sighting.model for sighting in missed}
        for version in keeper.registry.versions(model)
    }
    return [sighting for sighting in missed if (sighting.model, sighting.version) not in there]


def _changed(keeper: Gatekeeper, depth: int, watermark: datetime) -> Iterator[ModelVersion]:
    """Every version that changed since the watermark."""
    page = keeper.registry.recent(depth)
    if len(page) == depth and page[-1].updated >= watermark - OVERLAP:
        yield from _changed(keeper, depth * DEEPER, watermark)
        return
    yield from (version for version in page if version.updated >= watermark - OVERLAP)


def _ring_due(keeper: Gatekeeper) -> None:
    with reading(keeper.ledger) as session:
        news = bool(holds.untold(session))
    if news:
        tell_holds(keeper)
    now = keeper.now()
    with reading(keeper.ledger) as session:
        due, told = work.due_count(session, now), outbox.waiting(session, now)
        wanted = reports.waiting(session, now)
        clicked = interactions.waiting(session, now)
    for _ in range(min(due, RINGS_MAX)):
        keeper.ring(LOOK)
    if told:
        keeper.ring(TELL)
    if wanted:
        keeper.ring(REPORT)
    if clicked:
        keeper.ring(INTERACT)
