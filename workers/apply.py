"""Decision -> Action: makes the registry what the decision wants, and nothing if it is so already.

Each step was written down with its decision. It is compared before it is done, done under the model's
lock, read back, and only then marked: a worker killed anywhere in between is finished by the next.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from ledger import actions, holds, locks, work
from ledger.actions import Action
from ledger.engine import reading, writing
from ledger.judgements import Judgement
from policies.evidence.evidence import Evidence
from policies.verdicts import Step
from registry.words import Stage
from workers.errors import ModelBusy, ModelHeld, WorldChanged
from workers.events import tell_moved
from workers.gatekeeper import Gatekeeper
from workers.messages import tell_judgement
from workers.moves import set_alias, transition
from workers.queue import LOOK, TELL


def apply(keeper: Gatekeeper, judgement: Judgement, evidence: Evidence) -> None:
    """Do the steps of a decision that are still planned, in the policy's order.

    Raises ModelBusy while another worker moves this model, WorldChanged when the registry is no longer what
    the decision was taken on (what was still planned is then dropped), ModelHeld (it stays planned),
    RegistryUnavailable.
    """
    with reading(keeper.ledger) as session:
        steps = actions.planned(session, judgement.id)
    if not steps:
        return
    with _locked(keeper, judgement.model):
        for action in steps:
            _check_not_held(keeper, judgement.model)
            try:
                _do(keeper, judgement, evidence, action)
            except WorldChanged as error:
                _drop(keeper, judgement, str(error))
                raise
    keeper.ring(TELL)
    keeper.ring(LOOK)


def _check_not_held(keeper: Gatekeeper, model: str) -> None:
    with reading(keeper.ledger) as session:
        hold = holds.in_force(session, model)
    if hold is not None:
        raise ModelHeld(f"{model} is {hold}")


def _do(keeper: Gatekeeper, judgement: Judgement, evidence: Evidence, action: Action) -> None:
    step = action.step
    affected = [judgement.version]
    if step.kind == "transition":
        state, note = transition(keeper.registry, judgement, evidence, step)
        affected += _challengers(keeper, judgement, step)
    elif step.kind == "alias":
        state, note = set_alias(keeper.registry, judgement, step.target)
    else:
        state, note = "done", f"told {step.target}"
    with writing(keeper.ledger) as session:
        if step.kind == "notify":
            tell_judgement(keeper, session, judgement, evidence, channel=step.target)
        actions.mark(session, action, state, note=note, now=keeper.now())
        if step.kind == "transition":
            tell_moved(keeper, session, judgement, evidence, action=action)
            # The version stands elsewhere now; and whoever waits in Staging has another champion to beat.
            work.ring_all(session, [(judgement.model, version) for version in affected], keeper.now())


def _challengers(keeper: Gatekeeper, judgement: Judgement, step: Step) -> list[int]:
    """Who waits in Staging, by the registry: what we moved there ourselves may not have been seen yet."""
    if Stage.PRODUCTION not in {judgement.evaluation.transition.from_stage, Stage.parse(step.target)}:
        return []
    versions = keeper.registry.versions(judgement.model)
    return [version.version for version in versions if version.stage is Stage.STAGING]


def _drop(keeper: Gatekeeper, judgement: Judgement, note: str) -> None:
    with writing(keeper.ledger) as session:
        actions.drop_planned(session, judgement.model, judgement.version, note=note, now=keeper.now())


@contextmanager
def _locked(keeper: Gatekeeper, model: str) -> Iterator[None]:
    with writing(keeper.ledger) as session:
        taken = locks.take(session, model, keeper.holder, keeper.now())
    if not taken:
        raise ModelBusy(f"another worker is moving a version of {model}")
    try:
        yield
    finally:
        with writing(keeper.ledger) as session:
            locks.release(session, model, keeper.holder)
