"""What has happened to a version since it was last seen: two pictures in, events out. Pure.

A picture may be partial: a search for changed versions tells no aliases, and an event that told of a version
first told no tags. Tags that are not known on either side are not compared. A version that was never seen
with its aliases is new since the first sweep, which sees them all, and no version is born with one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from registry.events import OWN_TAGS, EventKind, RegistryEvent
from registry.words import ModelVersion, Stage


@dataclass(frozen=True)
class Picture:
    """A version as it was seen: `tags` without our own, `None` where they were not looked at."""

    stage: Stage
    tags: dict[str, str] | None = None
    aliases: frozenset[str] | None = None


def picture(version: ModelVersion, *, with_aliases: bool) -> Picture:
    """What this version looks like now."""
    tags = {key: value for key, value in version.tags.items() if not key.startswith(OWN_TAGS)}
    return Picture(version.stage, tags, version.aliases if with_aliases else None)


def news(version: ModelVersion, before: Picture | None, now: Picture) -> Iterator[RegistryEvent]:
    """The events that lead from the last picture to this one."""
    if before is None:
        yield _first(version)
        yield from _aliases(version, frozenset(), now.aliases or frozenset())
        return
    if before.stage is not now.stage:
        moved = {"from_stage": before.stage, "to_stage": now.stage, "at": version.updated}
        yield _event(EventKind.STAGE_CHANGED, version, **moved)
    if before.tags is not None and now.tags is not None:
        yield from _tags(version, before.tags, now.tags)
    if now.aliases is not None:
        yield from _aliases(version, before.aliases or frozenset(), now.aliases)


def _first(version: ModelVersion) -> RegistryEvent:
    if version.stage is Stage.NONE:
        return _event(EventKind.VERSION_CREATED, version)
    return _event(EventKind.STAGE_CHANGED, version, to_stage=version.stage)


def _aliases(version: ModelVersion, before: frozenset[str], now: frozenset[str]) -> Iterator[RegistryEvent]:
    for alias in sorted(now - before):
        yield _event(EventKind.ALIAS_SET, version, detail={"alias": alias})
    for alias in sorted(before - now):
        yield _event(EventKind.ALIAS_DELETED, version, detail={"alias": alias})


def _tags(version: ModelVersion, before: dict[str, str], now: dict[str, str]) -> Iterator[RegistryEvent]:
    for key, value in sorted(now.items()):
        if before.get(key) != value:
            detail = {"key": key, "value": value} if value else {"key": key}
            yield _event(EventKind.TAG_SET, version, detail=detail)
    for key in sorted(before.keys() - now.keys()):
        yield _event(EventKind.TAG_DELETED, version, detail={"key": key})


def _event(kind: EventKind, version: ModelVersion, **told: object) -> RegistryEvent:
    return RegistryEvent.model_validate(
        {"kind": kind, "model": version.name, "version": version.version, **told}
    )
