"""What has happened to a version since it was last seen: two pictures in, events out. Pure.

A picture may be partial: a search for changed versions tells no aliases, and a version seen before this
product kept tags has none on record. What is not known on either side is not compared.
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
        return
    if before.stage is not now.stage:
        moved = {"from_stage": before.stage, "to_stage": now.stage, "at": version.updated}
        yield _event(EventKind.STAGE_CHANGED, version, **moved)
    if before.tags is not None and now.tags is not None:
        yield from _tags(version, before.tags, now.tags)
    if before.aliases is not None and now.aliases is not None:
        for alias in sorted(now.aliases - before.aliases):
            yield _event(EventKind.ALIAS_SET, version, detail={"alias": alias})
        for alias in sorted(before.aliases - now.aliases):
            yield _event(EventKind.ALIAS_DELETED, version, detail={"alias": alias})


def _first(version: ModelVersion) -> RegistryEvent:
    if version.stage is Stage.NONE:
        return _event(EventKind.VERSION_CREATED, version)
    return _event(EventKind.STAGE_CHANGED, version, to_stage=version.stage)


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
