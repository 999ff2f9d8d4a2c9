"""Who is calling, tokens, sessions and the record of them."""

from datetime import timedelta

from flask import Response, abort

from console.api.address import answer, answers, api
from console.api.shapes import (
    Done,
    Ended,
    Me,
    PersonPath,
    SessionLine,
    Sessions,
    SigninLine,
    Signins,
    TokenBody,
    TokenLine,
    TokenMade,
    TokenPath,
    Tokens,
)
from console.drawn import ledger, now
from console.roles import Permission, Role
from console.signin.caller import Way
from console.signin.entering import leave_everywhere
from console.signin.guard import caller, needs
from console.signin.tokens import Wanted, make_token, revoke_token
from ledger import sessions as kept_sessions
from ledger import signins as kept_signins
from ledger import tokens as kept_tokens
from ledger.engine import reading
from ledger.tokens import Token

NEWEST = 200


@api.get("/me", responses=answers(Me))
def me() -> Response:
    """Who the caller is, and what they may do."""
    who = caller()
    may = tuple(permission for permission in Permission if who.may(permission))
    roles, groups = tuple(sorted(who.roles)), tuple(sorted(who.groups))
    return answer(Me(name=who.name, way=who.way, roles=roles, groups=groups, may=may))


@api.get("/tokens", responses=answers(Tokens))
@needs(Permission.TOKENS)
def tokens() -> Response:
    """Every token that was made, newest first, without its secret."""
    with reading(ledger()) as session:
        made = kept_tokens.all_made(session)
    return answer(Tokens(tokens=tuple(map(_line, made))))


@api.post("/tokens", responses=answers(TokenMade, 201))
@needs(Permission.TOKENS)
def new_token(body: TokenBody) -> Response:
    """Make a token in the caller's own name, for no more than they may do themselves."""
    who = caller()
    if beyond := sorted(scope for scope in body.scopes if not who.may(scope)):
        abort(403, f"{who.name} may not do this, and so neither may a token of theirs: {', '.join(beyond)}.")
    wanted = Wanted(who.name, body.scopes, timedelta(days=body.days), who.name, body.note)
    made, text = make_token(ledger(), wanted, now())
    return answer(TokenMade(token=text, line=_line(made)), 201)


@api.delete("/tokens/<number>", responses=answers(Done))
@needs(Permission.TOKENS)
def revoke(path: TokenPath) -> Response:
    """Revoke a token at once."""
    if not revoke_token(ledger(), path.number, by=caller().name, now=now()):
        abort(404, f"There is no token {path.number} that is still good.")
    return answer(Done(done=f"Revoked: {path.number}."))


@api.get("/sessions", responses=answers(Sessions))
@needs(Permission.SESSIONS)
def sessions() -> Response:
    """Everybody who is signed in, newest first."""
    with reading(ledger()) as session:
        found = kept_sessions.all_open(session, now())
    lines = (
        SessionLine(
            name=each.name,
            way=Way(each.way),
            roles=tuple(sorted(map(Role, each.roles))),
            started=each.started,
            until=each.until,
        )
        for each in found
    )
    return answer(Sessions(sessions=tuple(lines)))


@api.delete("/people/<model:name>/sessions", responses=answers(Ended))
@needs(Permission.SESSIONS)
def sign_out(path: PersonPath) -> Response:
    """End every session of a person, and void their links."""
    return answer(Ended(ended=leave_everywhere(ledger(), path.name, now(), by=caller().name)))


@api.get("/signins", responses=answers(Signins))
@needs(Permission.SESSIONS)
def signins() -> Response:
    """The newest lines of the record of sign-ins, sign-outs and tokens."""
    with reading(ledger()) as session:
        found = kept_signins.latest(session, limit=NEWEST)
    lines = (SigninLine.model_validate(vars(each) | {"way": Way(each.way)}) for each in found)
    return answer(Signins(signins=tuple(lines)))


def _line(token: Token) -> TokenLine:
    return TokenLine(
        number=token.id,
        name=token.name,
        note=token.note,
        scopes=tuple(sorted(map(Permission, token.scopes))),
        made=token.made,
        made_by=token.made_by,
        until=token.until,
        revoked=token.revoked,
        good=token.good(now()),
    )
