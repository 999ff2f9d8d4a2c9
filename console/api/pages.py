"""The JSON twins of the pages: the same readings, as they are."""

from flask import Response, abort

from console.api.address import answer, answers, api
from console.api.shapes import (
    AuditQuery,
    BeforeQuery,
    DeliveriesQuery,
    ModelPath,
    OverviewQuery,
    PageQuery,
    PolicyPath,
    VersionPath,
)
from console.drawn import book, ledger
from console.readings.audit import Audit, days
from console.readings.audit import audit as read_audit
from console.readings.candidate import Candidate
from console.readings.candidate import candidate as read_candidate
from console.readings.deliveries import Deliveries
from console.readings.deliveries import deliveries as read_deliveries
from console.readings.messages import Channel
from console.readings.messages import channel as read_channel
from console.readings.model import Model
from console.readings.model import model as read_model
from console.readings.overview import Overview
from console.readings.overview import overview as read_overview
from console.readings.policies import Policies, PolicyPage, policy_page
from console.readings.policies import policies as read_policies
from ledger.engine import reading
from ledger.trail import Chosen


@api.get("/models", responses=answers(Overview))
def models(query: OverviewQuery) -> Response:
    """Every registered model: what is live, what waits for whom."""
    with reading(ledger()) as session:
        return answer(read_overview(session, show=query.show, q=query.q, page=query.page))


@api.get("/models/<model:name>", responses=answers(Model))
def model(path: ModelPath, query: PageQuery) -> Response:
    """One model: what was live when, its versions, figures, and what happened."""
    with reading(ledger()) as session:
        found = read_model(session, path.name, page=query.page)
    if not found.known:
        abort(404, f"Nothing is on record for a model named '{path.name}'.")
    return answer(found)


@api.get("/models/<model:name>/versions/<int:number>", responses=answers(Candidate))
def version(path: VersionPath) -> Response:
    """One version: gates, slices, parameters, approvals, and how it came about."""
    with reading(ledger()) as session:
        found = read_candidate(session, path.name, path.number)
    if not found.known:
        abort(404, f"Nothing is on record for version {path.number} of a model named '{path.name}'.")
    return answer(found)


@api.get("/policies", responses=answers(Policies))
def policies() -> Response:
    """All policies in force, and what is wrong with any of their files."""
    return answer(read_policies(book()))


@api.get("/policies/<model:name>", responses=answers(PolicyPage))
def policy(path: PolicyPath) -> Response:
    """One policy: what it says, how its cases come out, and what it would have said before."""
    with reading(ledger()) as session:
        found = policy_page(session, book(), path.name)
    if found is None:
        abort(404, f"No policy named '{path.name}' is in force.")
    return answer(found)


@api.get("/deliveries", responses=answers(Deliveries))
def deliveries(query: DeliveriesQuery) -> Response:
    """What came in, newest first, and what became of it."""
    with reading(ledger()) as session:
        found = read_deliveries(session, model=query.model, source=query.source, before=query.before)
    return answer(found)


@api.get("/messages", responses=answers(Channel))
def messages(query: BeforeQuery) -> Response:
    """What people were told, newest first, and where it arrived."""
    with reading(ledger()) as session:
        return answer(read_channel(session, model=query.model, before=query.before))


@api.get("/audit", responses=answers(Audit))
def audit(query: AuditQuery) -> Response:
    """Every entry of everything, newest first."""
    since, until = days(query.since, query.until)
    chosen = Chosen(model=query.model, version=query.version, kind=query.kind, since=since, until=until)
    with reading(ledger()) as session:
        return answer(read_audit(session, chosen, before=query.before))
