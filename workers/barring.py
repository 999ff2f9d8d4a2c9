"""What bars a promotion over the gate's head, whoever wants it: a hold, or being in service already."""

from sqlalchemy.orm import Session

from ledger import holds, sightings
from policies.language import Policy
from registry.aliased import CHAMPION
from registry.words import Stage


def barred(session: Session, policy: Policy | None, model: str, version: int) -> str | None:
    """Why nobody may promote it now; None if nothing is in the way."""
    if hold := holds.in_force(session, model):
        return f"{model} is {hold}; nothing is moved before: gatehouse resume"
    if policy and _serves(session, policy, model, version):
        return f"{model} {version} is in Production already"
    return None


def _serves(session: Session, policy: Policy, model: str, version: int) -> bool:
    """Whether it was last seen as the champion."""
    if policy.lifecycle == "aliases":
        return version in sightings.with_alias(session, model, CHAMPION)
    return sightings.stage_of(session, model, version) is Stage.PRODUCTION
