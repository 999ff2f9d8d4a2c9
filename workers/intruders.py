"""Who stands in Production by somebody else's doing: found in the record, by stages or by aliases.

By stages every version has a history of its own, so the last recorded move says whose doing it was. An alias
has one holder, so it is the state that is compared: the gate's last promotion against who holds it now.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ledger import actions, inbox, judgements, sightings
from ledger.inbox import Recorded
from policies.language import Policy
from registry.aliased import CHAMPION
from registry.events import EventKind
from registry.words import ModelVersion, Stage


@dataclass(frozen=True)
class Bypass:
    """Who was moved around the gate, told in `how`, and what undoing it means.

    `occasion` names the move, so that it is reported once; `pushed_out` is the champion to be put back.
    """

    policy: Policy
    intruder: ModelVersion
    how: str
    occasion: str
    came_from: Stage
    pushed_out: ModelVersion | None


def find(
    session: Session, policy: Policy, version: ModelVersion, versions: Sequence[ModelVersion]
) -> Bypass | None:
    """The bypass by which a version came into Production; None if it stands there by right.

    `versions` are all of the model, as they stand now.
    """
    if policy.lifecycle == "aliases":
        return _by_alias(session, policy, version, versions)
    return _by_stage(session, policy, version, versions)


def _by_stage(
    session: Session, policy: Policy, version: ModelVersion, versions: Sequence[ModelVersion]
) -> Bypass | None:
    seen = inbox.last_move(session, version.name, version.version)
    if seen is None or seen.ignored or seen.event.to_stage is not Stage.PRODUCTION:
        return None
    before = _promoted_before(session, version, versions)
    pushed = before is not None and _was_pushed_out(session, before)
    return Bypass(
        policy=policy,
        intruder=version,
        how=f"version {version.version} was moved to Production around the gate{_told(seen)}"
        + _beside(version, versions),
        occasion=f"move {seen.id}: ",
        came_from=seen.event.from_stage or Stage.NONE,
        pushed_out=before if pushed else None,
    )


def _by_alias(
    session: Session, policy: Policy, version: ModelVersion, versions: Sequence[ModelVersion]
) -> Bypass | None:
    promotions = judgements.promoted(session, version.name)
    if not promotions:
        return _first_by_alias(session, policy, version, versions)
    done = [judged for judged in promotions if not actions.planned(session, judged.id)]
    if not done or any(judged.version == version.version for judged in promotions[:1]):
        return None
    before = _promoted_before(session, version, versions)
    return Bypass(
        policy=policy,
        intruder=version,
        how=f"version {version.version} was made champion around the gate, in place of {done[0].version}",
        occasion=f"champion {version.version} after decision {done[0].id}: ",
        came_from=Stage.NONE,
        pushed_out=before,
    )


def _first_by_alias(
    session: Session, policy: Policy, version: ModelVersion, versions: Sequence[ModelVersion]
) -> Bypass | None:
    """The gate has promoted nobody yet, so only an event tells a champion by hand from one of before."""
    told = inbox.alias_told(session, version.name, CHAMPION, EventKind.ALIAS_SET)
    if not told or told[0].event.version != version.version:
        return None
    return Bypass(
        policy=policy,
        intruder=version,
        how=f"version {version.version} was made champion around the gate{_told(told[0])}",
        occasion=f"alias {told[0].id}: ",
        came_from=Stage.NONE,
        pushed_out=_champion_before(session, version, versions),
    )


def _champion_before(
    session: Session, version: ModelVersion, versions: Sequence[ModelVersion]
) -> ModelVersion | None:
    """Who was last seen with the alias, or lost it last; None if that is this one, nobody, or gone."""
    seen = sightings.with_alias(session, version.name, CHAMPION)
    lost = inbox.alias_told(session, version.name, CHAMPION, EventKind.ALIAS_DELETED)
    before = [*seen, *(told.event.version for told in lost[:1])]
    there = {each.version: each for each in versions}
    others = [there[one] for one in before if one in there and one != version.version]
    return others[0] if others else None


def _promoted_before(
    session: Session, version: ModelVersion, versions: Sequence[ModelVersion]
) -> ModelVersion | None:
    """The version that the gate put into Production last, unless it is this one or gone."""
    there = {each.version: each for each in versions}
    for judged in judgements.promoted(session, version.name):
        if judged.version in there and judged.version != version.version:
            return there[judged.version]
    return None


def _was_pushed_out(session: Session, champion: ModelVersion) -> bool:
    """Whether somebody else's move took it out of Production."""
    move = inbox.last_move(session, champion.name, champion.version)
    foreign = move is not None and not move.ignored and move.event.from_stage is Stage.PRODUCTION
    return foreign and champion.stage is Stage.ARCHIVED


def _told(seen: Recorded) -> str:
    """By whom and when, as far as that is known."""
    actor, at = seen.event.detail.get("actor"), seen.event.at
    by = f" by {actor}" if actor else ""
    when = f" at {at:%Y-%m-%d %H:%M:%S} UTC" if at else ""
    return f"{by}{when}, seen {seen.at:%Y-%m-%d %H:%M:%S} UTC by {seen.origin}"


def _beside(version: ModelVersion, versions: Sequence[ModelVersion]) -> str:
    others = [v.version for v in versions if v.stage is Stage.PRODUCTION and v.version != version.version]
    return f"; version {', '.join(map(str, others))} is in Production as well" if others else ""
