"""Who waits by a comparison with a champion that is champion no more: the full sweep finds them.

Events tell of most: but a version that the gate promoted and a hand took out again between two sweeps was
never seen in Production, so nobody was rung for it. Here it is the state that is compared, once in a while.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from ledger import judgements, work
from ledger.engine import reading, writing
from registry.aliased import CANDIDATE, stage_by_alias
from registry.words import ModelVersion, Stage
from workers.gatekeeper import Gatekeeper

Waiting = tuple[ModelVersion, frozenset[int]]
"""A version that waits, and the other versions of its model that are champion now."""


def ring_overtaken(keeper: Gatekeeper, versions: Sequence[ModelVersion]) -> None:
    """Ask for a look at each of them; `versions` are all that the registry has, with their aliases."""
    waiting = list(_waiting(versions))
    with reading(keeper.ledger) as session:
        found = [(one.name, one.version) for one, now in waiting if _is_overtaken(session, one, now)]
    if found:
        with writing(keeper.ledger) as session:
            work.ring_all(session, found, keeper.now())


def _waiting(versions: Sequence[ModelVersion]) -> Iterator[Waiting]:
    """By stage or by alias, each with champions of its own kind."""
    by_stage, by_alias = defaultdict(set), defaultdict(set)
    for each in versions:
        if each.stage is Stage.PRODUCTION:
            by_stage[each.name].add(each.version)
        if stage_by_alias(each) is Stage.PRODUCTION:
            by_alias[each.name].add(each.version)
    for each in versions:
        if each.stage is Stage.STAGING or CANDIDATE in each.aliases:
            champions = by_stage if each.stage is Stage.STAGING else by_alias
            yield each, frozenset(champions[each.name] - {each.version})


def _is_overtaken(session: Session, version: ModelVersion, champions: frozenset[int]) -> bool:
    judgement = judgements.latest(session, version.name, version.version)
    if judgement is None or judgement.evaluation.transition.from_stage is not Stage.STAGING:
        return False
    champion = judgements.evidence_of(session, judgement).champion
    return bool(champions) if champion is None else champion.version not in champions
