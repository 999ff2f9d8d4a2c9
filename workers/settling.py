"""A decision whose steps a worker left half done, being killed: the next look finishes it."""

import logging

from ledger import actions, judgements
from ledger.engine import reading
from policies.rule import Rule
from registry.words import ModelVersion
from workers.apply import apply
from workers.errors import WorldChanged
from workers.gatekeeper import Gatekeeper
from workers.over_the_gate import report

log = logging.getLogger(__name__)


def settle(keeper: Gatekeeper, candidate: ModelVersion, rule: Rule | None) -> bool:
    """Finish a decision that a worker left half done, unless the version is about to be judged anew.

    What a person decided over the gate's head is not judged anew; whether it may have moved the version comes
    back. What no longer fits the registry is dropped, and what that now says is looked at next.
    """
    with reading(keeper.ledger) as session:
        before = judgements.latest(session, candidate.name, candidate.version)
        if before is None or not actions.planned(session, before.id):
            return False
        evidence = judgements.evidence_of(session, before)
    over_the_gate = before.decision.act is not None
    unmoved = candidate.stage is before.evaluation.transition.from_stage
    if rule is not None and unmoved and not over_the_gate:
        return False
    try:
        apply(keeper, before, evidence)
    except WorldChanged as error:
        log.info("model_name=%r version=%s: %s", candidate.name, candidate.version, error)
        if over_the_gate:
            report(keeper, candidate.name, candidate.version, f"{error}; say it again if it is still wanted")
    return over_the_gate and unmoved
