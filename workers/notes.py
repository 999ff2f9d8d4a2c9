"""Notes what a sweep has read: the news of each version as events, and the version as it is now."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from ledger import actions, inbox, sightings, work
from ledger.engine import writing
from ledger.sightings import Sighting
from registry.aliased import CANDIDATE
from registry.errors import VersionMissing
from registry.events import EventKind, RegistryEvent
from registry.words import ModelVersion, Stage
from workers.differences import Picture, news, picture
from workers.gatekeeper import Gatekeeper

BATCH = 500
"""Versions per transaction: the receiver must not wait for a whole registry to be noted."""


def take_in(keeper: Gatekeeper, versions: Sequence[ModelVersion], *, with_aliases: bool, first: bool) -> int:
    """Note version by version; how many news there were comes back. `first` only takes stock.

    Raises RegistryUnavailable.
    """
    found, doubtful = 0, []
    for start in range(0, len(versions), BATCH):
        with writing(keeper.ledger) as session:
            for version in versions[start : start + BATCH]:
                before = sightings.held(session, version.name, version.version)
                if before and before.stage is not version.stage and version.updated < before.updated:
                    doubtful.append(before)
                    continue
                now = picture(version, with_aliases=with_aliases)
                found += _note(session, version, before, now, at=keeper.now(), first=first)
    return found + sum(_settled(keeper, before, first=first) for before in doubtful)


def _settled(keeper: Gatekeeper, before: Sighting, *, first: bool) -> int:
    """Read a version again of which an event told something later: unless one tells more, it is as read now.

    The event may have overtaken the page that the version was read from; or its sender's clock is ahead, and
    would have us believe it for ever.
    """
    try:
        version = keeper.registry.version(before.model, before.version)
    except VersionMissing:
        return 0
    with writing(keeper.ledger) as session:
        if sightings.held(session, before.model, before.version) != before:
            return 0
        now = picture(version, with_aliases=True)
        return _note(session, version, before, now, at=keeper.now(), first=first)


def _note(
    session: Session,
    version: ModelVersion,
    before: Sighting | None,
    now: Picture,
    *,
    at: datetime,
    first: bool,
) -> int:
    """Record the news of one version, and remember it as it is now.

    The first sweep of a registry that was there before only takes stock: what already waits in Staging is
    judged, other versions are left as they are, and nothing is said of those that never went anywhere.
    """
    seen = before.seen if before else None
    stock = first and version.stage is Stage.NONE
    events = [] if stock else list(news(version, _picture(before), now))
    for event in events:
        ignored = _why_ignored(session, version, event, first=first, since=seen)
        inbox.record_event(session, event, origin="sweep", now=at, ignored=ignored)
        if ignored is None:
            affected = [version.version, *sightings.challengers(session, event)]
            work.ring_all(session, [(version.name, one) for one in affected], at)
    if not first and _comes_to_wait(_picture(before), now):
        work.ring(session, version.name, version.version, at)
    sightings.see(
        session,
        Sighting(version.name, version.version, now.stage, version.updated, now.tags, now.aliases, at),
    )
    return len(events)


def note_deletion(session: Session, sighting: Sighting, at: datetime) -> None:
    """Record that a version is gone, and forget it."""
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
    challengers = sightings.challengers(session, event)
    work.ring_all(session, [(sighting.model, version) for version in challengers], at)


def differs(version: ModelVersion, known: Sighting | None) -> bool:
    """Whether a version, read with its aliases, is another than was seen last."""
    return known is None or _picture(known) != picture(version, with_aliases=True)


def _comes_to_wait(before: Picture | None, now: Picture) -> bool:
    """Whether a version waits for a promotion that was not seen to wait before, by whoever's move.

    Between its move and now nobody who saw the champion change could know that it concerned this version.
    """
    return _waits(now) and not (before and _waits(before))


def _waits(seen: Picture) -> bool:
    return seen.stage is Stage.STAGING or CANDIDATE in (seen.aliases or ())


def _picture(sighting: Sighting | None) -> Picture | None:
    return None if sighting is None else Picture(sighting.stage, sighting.tags, sighting.aliases)


def _why_ignored(
    session: Session, version: ModelVersion, event: RegistryEvent, *, first: bool, since: datetime | None
) -> str | None:
    if first and (version.stage is not Stage.STAGING or event.kind is EventKind.ALIAS_SET):
        return "it was there before Gatehouse"
    if event.kind is EventKind.STAGE_CHANGED and event.to_stage is not None:
        ours = actions.moved_by_us(session, version.name, version.version, event.to_stage)
        return inbox.OWN_WRITE if ours else None
    alias = event.detail.get("alias", "")
    if event.kind is EventKind.ALIAS_SET and actions.alias_set_by_us(
        session, version.name, version.version, alias
    ):
        return inbox.OWN_WRITE
    return "a webhook told of it" if inbox.was_told_of(session, event, since=since) else None
