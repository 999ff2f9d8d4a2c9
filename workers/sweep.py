"""The sweep: reads the registry and finds what no event told of.

MLflow sends nothing for a stage change and loses webhooks at every restart; this is what makes "no event
is lost" true against any MLflow. The quick sweep reads newest change first down to a watermark: one request
for as long as little has changed. It cannot see tags, aliases and deletions, for which MLflow bumps no time;
the full sweep, now and then, reads everything.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from ledger import actions, inbox, outbox, sightings, waiting, work
from ledger.engine import reading, writing
from ledger.sightings import Sighting
from registry.events import EventKind, RegistryEvent
from registry.words import ModelVersion, Stage
from workers.differences import Picture, news, picture
from workers.gatekeeper import Gatekeeper
from workers.in_force import report_broken
from workers.queue import LOOK, TELL

OVERLAP = timedelta(seconds=10)
"""Read again below the watermark: a change may become visible later than its timestamp."""
BATCH = 500
"""Versions per transaction: the receiver must not wait for a whole registry to be noted."""
DEEPER = 10
RINGS_MAX = 20

log = logging.getLogger(__name__)


def sweep(keeper: Gatekeeper, depth: int) -> int:
    """Read what changed last, record what is new, ring for all that is due.

    `depth` is how many versions are asked for at first; how many news were found comes back.
    Raises RegistryUnavailable; the work that is due is rung for all the same.
    """
    try:
        with reading(keeper.ledger) as session:
            watermark = sightings.watermark(session)
        versions = list(_changed(keeper, depth, watermark))
        return _take_in(keeper, versions, with_aliases=False, watermark=watermark)
    finally:
        _ring_due(keeper)


def sweep_fully(keeper: Gatekeeper) -> int:
    """Read everything: tags, aliases, deletions, and policies that changed. Raises RegistryUnavailable."""
    report_broken(keeper)
    with reading(keeper.ledger) as session:
        watermark = sightings.watermark(session)
        known = sightings.everything(session)
    versions = keeper.registry.everything()
    there = {(version.name, version.version) for version in versions}
    gone = [sighting for key, sighting in known.items() if key not in there]
    changed = [v for v in versions if _differs(v, known.get((v.name, v.version)))]
    found = _take_in(keeper, changed, with_aliases=True, watermark=watermark)
    with writing(keeper.ledger) as session:
        for sighting in gone:
            _note_deletion(session, sighting, keeper.now())
        waiting.wake(session, [policy.digest for policy in keeper.policies().policies], keeper.now())
    _ring_due(keeper)
    return found + len(gone)


def _changed(keeper: Gatekeeper, depth: int, watermark: datetime | None) -> Iterator[ModelVersion]:
    """Every version that changed since the watermark; all of them the first time."""
    page = keeper.registry.recent(depth)
    reaches = watermark is not None and page and page[-1].updated < watermark - OVERLAP
    if len(page) == depth and not reaches:
        yield from _changed(keeper, depth * DEEPER, watermark)
        return
    for version in page:
        if watermark is None or version.updated >= watermark - OVERLAP:
            yield version


def _take_in(
    keeper: Gatekeeper, versions: Sequence[ModelVersion], *, with_aliases: bool, watermark: datetime | None
) -> int:
    """Note version by version; the watermark moves last, so that a sweep that dies is swept again."""
    found = 0
    for start in range(0, len(versions), BATCH):
        with writing(keeper.ledger) as session:
            for version in versions[start : start + BATCH]:
                now = picture(version, with_aliases=with_aliases)
                found += _note(session, version, now, at=keeper.now(), first=watermark is None)
    newest = max((version.updated for version in versions), default=datetime.fromtimestamp(0, UTC))
    with writing(keeper.ledger) as session:
        sightings.advance(session, max(newest, watermark or newest))
    if found:
        log.info("the sweep found %d changes", found)
    return found


def _note(session: Session, version: ModelVersion, now: Picture, *, at: datetime, first: bool) -> int:
    """Record the news of one version, and remember it as it is now.

    The first sweep of a registry that was there before only takes stock: what already waits in Staging is
    judged, other versions are left as they are, and nothing is said of those that never went anywhere.
    """
    before = sightings.held(session, version.name, version.version)
    if before and before.stage is not version.stage and version.updated < before.updated:
        return 0  # read before an event told of a later move
    seen = before.seen if before else None
    stock = first and version.stage is Stage.NONE
    events = [] if stock else list(news(version, _picture(before), now))
    for event in events:
        ignored = _why_ignored(session, version, event, first=first, since=seen)
        inbox.record_event(session, event, origin="sweep", now=at, ignored=ignored)
        if ignored is None:
            work.ring(session, version.name, version.version, at)
    sightings.see(
        session,
        Sighting(version.name, version.version, now.stage, version.updated, now.tags, now.aliases, at),
    )
    return len(events)


def _note_deletion(session: Session, sighting: Sighting, at: datetime) -> None:
    if sightings.held(session, sighting.model, sighting.version) is None:
        return
    event = RegistryEvent(
        kind=EventKind.VERSION_DELETED,
        model=sighting.model,
        version=sighting.version,
        from_stage=sighting.stage,
    )
    inbox.record_event(session, event, origin="sweep", now=at)
    sightings.forget(session, sighting.model, sighting.version)
    if sighting.stage is Stage.PRODUCTION:
        for version in sightings.in_stage(session, sighting.model, Stage.STAGING):
            work.ring(session, sighting.model, version, at)


def _differs(version: ModelVersion, known: Sighting | None) -> bool:
    return known is None or _picture(known) != picture(version, with_aliases=True)


def _picture(sighting: Sighting | None) -> Picture | None:
    return None if sighting is None else Picture(sighting.stage, sighting.tags, sighting.aliases)


def _why_ignored(
    session: Session, version: ModelVersion, event: RegistryEvent, *, first: bool, since: datetime | None
) -> str | None:
    if first and version.stage is not Stage.STAGING:
        return "it was there before Gatehouse"
    if event.kind is EventKind.STAGE_CHANGED and event.to_stage is not None:
        ours = actions.moved_by_us(session, version.name, version.version, event.to_stage)
        return "Gatehouse's own write" if ours else None
    alias = event.detail.get("alias", "")
    if event.kind is EventKind.ALIAS_SET and actions.alias_set_by_us(
        session, version.name, version.version, alias
    ):
        return "Gatehouse's own write"
    return "a webhook told of it" if inbox.was_told_of(session, event, since=since) else None


def _ring_due(keeper: Gatekeeper) -> None:
    now = keeper.now()
    with reading(keeper.ledger) as session:
        due, waiting = work.due_count(session, now), outbox.waiting(session, now)
    for _ in range(min(due, RINGS_MAX)):
        keeper.ring(LOOK)
    if waiting:
        keeper.ring(TELL)
