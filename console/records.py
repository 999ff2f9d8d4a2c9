"""The pages of what is kept: policies in force, deliveries, and the audit trail with its files."""

from collections.abc import Iterator
from datetime import date

from flask import Blueprint, Response, abort, request, stream_with_context

from console.drawn import book, drawn, ledger, row_id
from console.readings import audit as reading_audit
from console.readings.deliveries import deliveries as read_deliveries
from console.readings.policies import policies as read_policies
from console.readings.policies import policy_page
from ledger import trail
from ledger.engine import reading
from ledger.history import Kind
from ledger.trail import KINDS, Chosen

records = Blueprint("records", __name__)

FILES = {
    "csv": (reading_audit.as_csv, "text/csv"),
    "jsonl": (reading_audit.as_json_lines, "application/jsonl"),
}


@records.get("/policies")
def policies() -> str:
    """All policies in force."""
    return drawn("policies.html", found=read_policies(book()))


@records.get("/policies/<model:name>")
def policy(name: str) -> str:
    """One policy: what it says, how its cases come out, and what it would have said before."""
    with reading(ledger()) as session:
        found = policy_page(session, book(), name)
    if found is None:
        abort(404, f"No policy named '{name}' is in force.")
    return drawn("policy.html", found=found)


@records.get("/deliveries")
def deliveries() -> str:
    """What came in, and what became of it."""
    model, source = request.args.get("model", ""), request.args.get("source", "")
    before = request.args.get("before", type=row_id)
    with reading(ledger()) as session:
        found = read_deliveries(session, model=model or None, source=source or None, before=before)
    return drawn("deliveries.html", found=found, model=model, source=source)


@records.get("/audit")
def audit() -> str:
    """Everything on record, newest first, as chosen by the form."""
    with reading(ledger()) as session:
        found = reading_audit.audit(session, chosen(), before=request.args.get("before", ""))
    given = {name: request.args.get(name, "") for name in ("model", "version", "kind", "since", "until")}
    return drawn("audit.html", found=found, given=given, kinds=KINDS)


@records.get("/audit.<any(csv, jsonl):form>")
def audit_file(form: str) -> Response:
    """The same in the order it happened, all of it, as a file."""
    written, kind = FILES[form]
    wanted = chosen()

    def lines() -> Iterator[str]:
        with reading(ledger()) as session:
            yield from written(trail.everything(session, wanted))

    answer = Response(stream_with_context(lines()), mimetype=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename=gatehouse-audit.{form}"
    return answer


def chosen() -> Chosen:
    """What the address asks for; what cannot be read is as if it was not given."""
    given = request.args.get
    since, until = reading_audit.days(
        given("since", type=date.fromisoformat), given("until", type=date.fromisoformat)
    )
    kind = given("kind", type=_kind)
    model = given("model") or None
    return Chosen(model=model, version=given("version", type=row_id), kind=kind, since=since, until=until)


def _kind(text: str) -> Kind:
    return KINDS[KINDS.index(text)]
