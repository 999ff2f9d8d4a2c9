"""What is done through the API: each act by the same function as the page's form and the command line."""

from collections.abc import Callable

from flask import Response, abort, current_app

from console.api.address import answer, answers, api
from console.api.shapes import (
    ActBody,
    DeliveryBody,
    Done,
    ModelPath,
    OpenAct,
    OpenActs,
    ReasonBody,
    Recorded,
    Retried,
    VersionPath,
)
from console.drawn import book, ledger, now
from console.glass import promote as break_the_glass
from console.replaying import take_once_more
from console.roles import Permission
from console.signin.guard import caller, needs
from console.verbs import verbs
from ledger import outbox, work
from ledger.engine import reading, writing
from policies.people import Act, Shown
from webhooks.errors import DeliveryInvalid
from workers import holding
from workers.review import NotJudged, VoteRefused, review


@api.get("/models/<model:name>/versions/<int:number>/acts", responses=answers(OpenActs))
def open_acts(path: VersionPath) -> Response:
    """What the caller may say of a version now, and why not the rest."""
    with reading(ledger()) as session:
        found = verbs(session, path.name, path.number)
    return answer(OpenActs(acts=tuple(OpenAct(verb=each.verb, why_not=each.why) for each in found)))


@api.post("/models/<model:name>/versions/<int:number>/acts", responses=answers(Recorded, 202))
@needs(Permission.REVIEW)
def act(path: VersionPath, body: ActBody) -> Response:
    """Approve, reject, withdraw, comment or ask again; bound to the digests of what was read."""
    shown = Shown(evidence_digest=body.evidence_digest, policy_digest=body.policy_digest)
    if path.number < 1:
        abort(404, "Versions are counted from 1.")
    said = Act(model=path.name, version=path.number, verb=body.verb, comment=body.comment, shown=shown)
    try:
        judgement = review(ledger(), book(), caller().as_person(), said, now())
    except (VoteRefused, NotJudged) as refused:
        abort(409, str(refused))
    current_app.config["RING"]()
    return answer(Recorded(model=path.name, version=path.number, verb=body.verb, decision=judgement.id), 202)


@api.post("/models/<model:name>/versions/<int:number>/promote", responses=answers(Done, 202))
@needs(Permission.PROMOTE)
def promote(path: VersionPath, body: ReasonBody) -> Response:
    """Break the glass: promote a version over the gate's head; for those whom its policy names."""
    if path.number < 1:
        abort(404, "Versions are counted from 1.")
    try:
        break_the_glass(path.name, path.number, body.reason)
    except VoteRefused as refused:
        abort(409, str(refused))
    return answer(Done(done=f"Recorded: {path.name} {path.number} is promoted over the gate's head."), 202)


@api.post("/models/<model:name>/versions/<int:number>/retry", responses=answers(Retried))
@needs(Permission.RETRY)
def retry(path: VersionPath) -> Response:
    """Look and send again what was given up of a version, or waits for its next try."""
    with writing(ledger()) as session:
        looks = work.retry(session, now(), path.name, path.number)
        messages = outbox.retry(session, now(), path.name, path.number)
    current_app.config["RING"]()
    return answer(Retried(looks=len(looks), messages=len(messages)))


@api.post("/models/<model:name>/hold", responses=answers(Done))
@needs(Permission.HOLD)
def hold(path: ModelPath, body: ReasonBody) -> Response:
    """Stop all moves of a model."""
    return _held(holding.hold, path.name, body.reason, "Held")


@api.post("/models/<model:name>/resume", responses=answers(Done))
@needs(Permission.HOLD)
def resume(path: ModelPath, body: ReasonBody) -> Response:
    """Let the moves of a model go on."""
    return _held(holding.resume, path.name, body.reason, "Resumed")


@api.post("/hold", responses=answers(Done))
@needs(Permission.HOLD)
def hold_all(body: ReasonBody) -> Response:
    """Stop all moves of all models."""
    return _held(holding.hold, None, body.reason, "Held")


@api.post("/resume", responses=answers(Done))
@needs(Permission.HOLD)
def resume_all(body: ReasonBody) -> Response:
    """Let the moves of all models go on; those that are held by themselves stay so."""
    return _held(holding.resume, None, body.reason, "Resumed")


@api.post("/deliveries/replay", responses=answers(Done))
@needs(Permission.REPLAY)
def replay(body: DeliveryBody) -> Response:
    """Take a stored delivery once more."""
    try:
        taken = take_once_more(body.id)
    except DeliveryInvalid as invalid:
        abort(409, f"It cannot be read: {invalid}.")
    return answer(Done(done=f"Taken once more: {taken}."))


def _held(change: Callable[..., object], model: str | None, reason: str, done: str) -> Response:
    try:
        change(ledger(), caller().as_person(), model, reason, now())
    except VoteRefused as refused:
        abort(409, str(refused))
    current_app.config["RING"]()
    return answer(Done(done=f"{done}: {model or holding.ALL}."))
