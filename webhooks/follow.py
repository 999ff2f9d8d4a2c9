"""What follows from an event that came in: a record, perhaps a sighting, perhaps a look at its version.

Events are hints: they come late, twice and out of order, and the sweep may have been first. What was known
already is noted as told again, so that no move is taken for two, nor an own move for somebody else's.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from sqlalchemy.orm import Session

from ledger import actions, inbox, sightings, work
from ledger.inbox import Note
from registry.events import OWN_TAGS, EventKind, RegistryEvent
from registry.words import Stage
from registry.workspaces import DEFAULT, qualified

Followed = Literal["accepted", "ignored"]
ASKING = {EventKind.STAGE_CHANGED, EventKind.VERSION_DELETED, EventKind.ALIAS_SET}
"""What these are worth depends on what is on record by then."""


def follow_all(session: Session, notes: Iterable[Note], workspaces: Sequence[str] = ()) -> list[Followed]:
    """Weigh what came in, in its order; record it, bring sightings up to date, ring for the versions.

    `workspaces` are those that are guarded, if the server has any.
    """
    weighed: list[Note] = []
    written = 0
    for note in notes:
        if note.event.kind in ASKING:
            _write(session, weighed[written:])
            written = len(weighed)
        weighed.append(_weighed(session, note))
    _write(session, weighed[written:])
    return _rung(session, weighed, workspaces)


def follow_again(session: Session, note: Note, workspaces: Sequence[str] = ()) -> Followed:
    """Take a stored delivery's event once more: its version is looked at, and no sighting changes."""
    again = _told_again(note.event)
    weighed = replace(note, event=again, ignored=why_ignored(session, again))
    _write(session, [weighed])
    return _rung(session, [weighed], workspaces)[0]


def why_known(session: Session, event: RegistryEvent) -> str | None:
    """The reason that an event is no news; None if it is."""
    if event.version is None or event.kind not in {EventKind.STAGE_CHANGED, EventKind.VERSION_DELETED}:
        return None
    last = sightings.held(session, event.model, event.version)
    if event.kind is EventKind.VERSION_DELETED:
        told = inbox.was_told(session, event.model, event.version, EventKind.VERSION_DELETED)
        return "it was known to be deleted" if told and last is None else None
    if last is None:
        return None
    if last.stage is event.to_stage:
        return f"it was known to be in {event.to_stage}"
    return "a later change is known" if event.at is not None and event.at < last.updated else None


def why_ignored(session: Session, event: RegistryEvent) -> str | None:
    """The reason that nothing follows an event; None if something does."""
    if event.kind is EventKind.FOREIGN:
        return f"{event.detail['sender']} is nothing that Gatehouse guards"
    if "sample" in event.detail:
        return "the sender's own test"
    if event.detail.get("key", "").startswith(OWN_TAGS):
        return "Gatehouse's own tag"
    if event.version is None:
        return "no version is named, so there is nothing to judge"
    return inbox.OWN_WRITE if _is_ours(session, event, event.version) else None


def _is_ours(session: Session, event: RegistryEvent, version: int) -> bool:
    if event.kind is EventKind.ALIAS_SET:
        alias = event.detail.get("alias", "")
        return actions.alias_set_by_us(session, event.model, version, alias)
    moved_to = event.to_stage if event.kind is EventKind.STAGE_CHANGED else None
    return moved_to is not None and actions.moved_by_us(session, event.model, version, moved_to)


def _weighed(session: Session, note: Note) -> Note:
    if known := why_known(session, note.event):
        return replace(note, event=_told_again(note.event), ignored=known)
    ignored = why_ignored(session, note.event)
    _see(session, note.event)
    return replace(note, ignored=ignored) if ignored else note


def _told_again(event: RegistryEvent) -> RegistryEvent:
    """Of a kind of its own: what moved a version last is asked of the ledger by kind."""
    if event.kind is not EventKind.STAGE_CHANGED:
        return event
    return event.model_copy(update={"kind": EventKind.STAGE_RETOLD})


def _see(session: Session, event: RegistryEvent) -> None:
    if event.version is None:
        return
    if event.kind is EventKind.STAGE_CHANGED and event.to_stage is not None:
        sightings.note_stage(session, event.model, event.version, event.to_stage, event.at)
    if event.kind is EventKind.VERSION_DELETED:
        sightings.forget(session, event.model, event.version)


def _write(session: Session, notes: Sequence[Note]) -> None:
    if notes:
        inbox.record_events(session, notes)


def _rung(session: Session, weighed: Sequence[Note], workspaces: Sequence[str]) -> list[Followed]:
    versions = [version for note in weighed for version in _to_look_at(session, note, workspaces)]
    if versions:
        work.ring_all(session, versions, max(note.at for note in weighed))
    return ["accepted" if note.ignored is None else "ignored" for note in weighed]


def _to_look_at(session: Session, note: Note, workspaces: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The version, if it is news and not gone; and whoever has another champion to beat now, or none.

    Also of what was known to be over: who passed through Production unseen was champion all the same.
    """
    for event in _meant(note.event, workspaces):
        if note.ignored != inbox.OWN_WRITE:
            yield from ((event.model, challenger) for challenger in sightings.challengers(session, event))
        if event.version is not None and _is_for_itself(note):
            yield event.model, event.version


def _is_for_itself(note: Note) -> bool:
    """Whether the version itself is to be looked at.

    Of our own moves that into Staging: until now the version was not known to wait there, so whoever saw the
    champion change did not ring for it.
    """
    event = note.event
    if note.ignored == inbox.OWN_WRITE:
        return event.kind is EventKind.STAGE_CHANGED and event.to_stage is Stage.STAGING
    gone = event.kind is EventKind.VERSION_DELETED and event.from_stage is Stage.PRODUCTION
    return note.ignored is None and not gone


def _meant(event: RegistryEvent, workspaces: Sequence[str]) -> list[RegistryEvent]:
    """MLflow may label one workspace's event as another's: whoever has such a version is looked at."""
    if "workspace" not in event.detail:
        return [event]
    names = [qualified(workspace, event.model) for workspace in workspaces or (DEFAULT,)]
    return [event.model_copy(update={"model": name}) for name in names]
