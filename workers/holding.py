"""A person stops all moves of a model, or of all, and lets them go on: the door for that.

While a model is held nothing of it is moved, whoever wants it: no promotion, no archiving, no rollback, no
broken glass. Versions are judged on, and what was said of them stays. Afterwards all goes on by itself.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ledger import actions, approvals, holds, judgements, sightings, work
from ledger.engine import writing
from ledger.holds import Hold
from policies.break_glass import LASTS
from policies.names import tidy, unfit_name
from policies.people import Person, tidy_comment, unfit_comment
from policies.verdicts import Answer
from registry.aliased import CHAMPION
from registry.words import Stage
from workers.review import VoteRefused

ALL = "all models"


def hold(ledger: Engine, person: Person, model: str | None, reason: str, now: datetime) -> Hold:
    """Stop the moves of a model, or of all with None, from now on; a move under way is still finished.

    Raises VoteRefused, LedgerUnavailable.
    """
    by, why = _checked(person, reason)
    with writing(ledger) as session:
        for other in holds.all_in_force(session, model):
            if other.model == model:
                raise VoteRefused(f"{model or ALL}: already {other}")
        if model is not None and not _known(session, model):
            raise VoteRefused(f"no registered model '{model}' has been seen: is it spelt so?")
        made = holds.add(session, Hold(0, model, "hold", by, person.route, person.account, why, now))
        work.ring_all(session, _touched(session, model), now)
    return made


def resume(ledger: Engine, person: Person, model: str | None, reason: str, now: datetime) -> Hold:
    """Let the moves of a model, or of all with None, go on. Raises VoteRefused, LedgerUnavailable."""
    by, why = _checked(person, reason)
    with writing(ledger) as session:
        held = {each.model: each for each in holds.all_in_force(session, model)}
        if model not in held:
            whole = " by itself; all models are: gatehouse resume --all" if None in held else ""
            raise VoteRefused(f"{model or ALL}: not held{whole}")
        made = holds.add(session, Hold(0, model, "resume", by, person.route, person.account, why, now))
        work.ring_all(session, _touched(session, model, since=held[model].at - LASTS), now)
    return made


def _checked(person: Person, reason: str) -> tuple[str, str]:
    why = tidy_comment(reason)
    if unfit := unfit_name(person.name) or unfit_comment(why):
        raise VoteRefused(unfit)
    if not why:
        raise VoteRefused("say why: the reason is told to everybody")
    return tidy(person.name), why


def _known(session: Session, model: str) -> bool:
    """A name that was never seen is most likely misspelt, and would hold nothing."""
    return bool(sightings.all_seen(session, model) or judgements.in_force(session, model))


def _touched(session: Session, model: str | None, since: datetime | None = None) -> Iterator[tuple[str, int]]:
    """Versions of which a hold, or its end, may change what is decided or done."""
    for of, judged in judgements.in_force(session, model).items():
        if judged.decision.answer in {Answer.ASK, Answer.HOLD}:
            yield of
    yield from actions.unfinished(session, model)
    yield from approvals.said_since(session, model, since) if since else ()
    for name, version, stage in sightings.all_seen(session, model):
        if stage is Stage.PRODUCTION or version in sightings.with_alias(session, name, CHAMPION):
            yield name, version
