"""Asks trainers for new candidates, as the policies say, and sees what comes of it: part of the full sweep.

A request is written down first. It is sent again until the registry shows a version, or a training that
failed, of a run that names it: Redis may lose it, and trainers may die. A model has one at a time, and one
that nobody takes up is given up.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from ledger import judgements, retrainings
from ledger.engine import reading, writing
from ledger.retrainings import Ending, Request
from notifications.render import render_problem
from policies.book import PolicyBook
from policies.language import Policy
from policies.moment import spoken
from policies.problems import PolicyInvalid
from policies.retrain import Cause, Standing
from registry.aliased import stage_by_alias
from registry.words import ModelVersion, Stage
from workers.gatekeeper import Gatekeeper
from workers.messages import OWNERS, tell_once
from workers.watch import OUT

AGAIN = timedelta(minutes=10)
AGAIN_MOST = timedelta(hours=6)
TRIES = 16
"""About three days: 10 minutes after the first, twice as long after each, 6 hours at most."""

NEVER = datetime.fromtimestamp(0, UTC)

log = logging.getLogger(__name__)


def ask_for_candidates(keeper: Gatekeeper, versions: Sequence[ModelVersion]) -> None:
    """Ask where it is due, and follow what was asked; `versions` are all that the registry has.

    Raises RegistryUnavailable.
    """
    book, by_model = keeper.policies(), defaultdict(list)
    for version in versions:
        by_model[version.name].append(version)
    for model, theirs in by_model.items():
        policy = _policy(keeper, book, model)
        if policy is not None and asks(policy):
            _ask(keeper, policy, model, theirs)
    with reading(keeper.ledger) as session:
        waiting = retrainings.all_open(session)
    for request in waiting:
        made = {each.run_id: each.version for each in by_model[request.model] if each.run_id}
        _follow(keeper, request, made, _policy(keeper, book, request.model))


def asks(policy: Policy) -> bool:
    """Whether a policy ever asks for candidates; in audit mode it sets nothing in motion."""
    return policy.retrain is not None and policy.mode == "enforce"


def _policy(keeper: Gatekeeper, book: PolicyBook, model: str) -> Policy | None:
    try:
        return book.for_model(model, lambda: keeper.registry.model_tags(model))
    except PolicyInvalid:
        return None  # its owners are told when its versions are looked at


def _ask(keeper: Gatekeeper, policy: Policy, model: str, versions: Sequence[ModelVersion]) -> None:
    assert policy.retrain is not None
    with reading(keeper.ledger) as session:
        standing = Standing(
            champion=_registered(policy, versions),
            causes=_causes(session, model),
            asked=retrainings.last_asked(session, model),
        )
    if why := policy.retrain.reason(standing, keeper.now()):
        log.info("model_name=%r a new candidate is asked for: %s", model, why)
        with writing(keeper.ledger) as session:
            retrainings.ask(session, model, why, keeper.now())


def _registered(policy: Policy, versions: Sequence[ModelVersion]) -> datetime | None:
    """When the champion was registered, the newest where there are several."""
    by_alias = policy.lifecycle == "aliases"
    stages = ((stage_by_alias(each) if by_alias else each.stage, each) for each in versions)
    return max((each.created for stage, each in stages if stage is Stage.PRODUCTION), default=None)


def _causes(session: Session, model: str) -> Mapping[Cause, datetime]:
    """What has happened since a candidate was last promoted, and when."""
    promotions = judgements.promoted(session, model)
    back = [each.at for each in promotions if each.evaluation.transition.from_stage is Stage.ARCHIVED]
    forward = [each.at for each in promotions if each.evaluation.transition.from_stage is not Stage.ARCHIVED]
    failed = [j.at for j in judgements.in_force(session, model).values() if j.evaluation.transition == OUT]
    times: dict[Cause, list[datetime]] = {"failed watch": failed, "rollback": back}
    return {
        cause: max(found)
        for cause, found in times.items()
        if found and max(found) > max(forward, default=NEVER)
    }


def _follow(keeper: Gatekeeper, request: Request, made: Mapping[str, int], policy: Policy | None) -> None:
    """`made` are the model's versions by their run."""
    now = keeper.now()
    runs = keeper.registry.requested(request.model, request.request, now)
    versions = [made[run.run_id] for run in runs if run.run_id in made]
    failed = [run for run in runs if run.state == "failed"]
    if versions:
        _end(keeper, request, "done", f"version {max(versions)} came of it")
    elif failed:
        _end(keeper, request, "failed", f"its training failed: {failed[-1].why or 'nothing says why'}")
    elif now < request.due:
        return
    elif any(run.state == "running" for run in runs):
        with writing(keeper.ledger) as session:
            retrainings.put_off(session, request, now + AGAIN)
    elif policy is not None and not asks(policy):
        _end(keeper, request, "dropped", "the policy asks for none any more")
    elif request.sent >= TRIES:
        _end(keeper, request, "given up", f"no trainer brought it to an end in {request.sent} tries")
    else:
        _send(keeper, request)


def _send(keeper: Gatekeeper, request: Request) -> None:
    wait = min(AGAIN * 2**request.sent, AGAIN_MOST)
    with writing(keeper.ledger) as session:
        first = retrainings.note_sent(session, request, keeper.now() + wait)
    if first:
        keeper.ask_trainer({"model": request.model, "request": request.request, "why": request.why})


def _end(keeper: Gatekeeper, request: Request, ending: Ending, note: str) -> None:
    """Owners are told of what brought nothing; of a version they are told by its judgement."""
    asked = f"a new candidate was asked for on {spoken(request.asked, UTC)}, since {request.why}"
    message = render_problem(
        request.model,
        None,
        f"{asked}; {note}",
        console_url=keeper.console_url,
        channel=OWNERS,
        words=keeper.words,
    )
    with writing(keeper.ledger) as session:
        if retrainings.end(session, request, ending, note, keeper.now()) and ending in {"failed", "given up"}:
            tell_once(keeper, session, message)
    log.info("model_name=%r request=%s %s: %s", request.model, request.request, ending, note)
