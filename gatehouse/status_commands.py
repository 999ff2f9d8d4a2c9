"""`gatehouse status`, `history` and `explain`: what stands in the ledger, asked without a server."""

from dataclasses import dataclass
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from gatehouse import pages
from gatehouse.failures import Exit
from gatehouse.own_ledger import own_ledger
from ledger import judgements, outbox, reports, sightings, work
from ledger.engine import reading
from ledger.history import timeline
from ledger.judgements import Judgement
from ledger.reports import Kept
from ledger.uses import uses
from ledger.work import Problem
from notifications.message import report_of
from notifications.settings import NotificationSettings
from policies.people import Shown
from policies.wear import Use, warnings
from registry.words import Stage
from workers.review import NotJudged


@dataclass(frozen=True)
class Row:
    """One version: where it stands, what was decided, and what stands in the way of deciding."""

    model: str
    version: int
    stage: Stage | None
    judged: Judgement | None
    problem: Problem | None
    listed: bool
    """Whether it is looked at now, or waits for it."""
    uses: tuple[Use, ...] = ()
    """How many candidates its hold-outs had judged."""

    @property
    def why(self) -> str:
        """The reasons of the decision, or of there being none."""
        if self.problem and self.problem.given_up:
            return str(self.problem)
        if self.problem and not (self.judged and self.problem.text in self.reasons):
            return f"could not be told yet, and is tried again: {self.problem}"
        return self.reasons or ("it waits to be looked at" if self.listed else "not judged")

    @property
    def reasons(self) -> str:
        """Of the decision in force."""
        return "; ".join(self.judged.decision.reasons) if self.judged else ""


@click.command(epilog="Example: gatehouse status taxi-fare --json")
@click.argument("model", required=False)
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def status(model: str | None, *, machine: bool) -> None:
    """What is live, what waits and why, for MODEL or for all."""
    rows = _rows(model)
    if machine:
        pages.as_json([_plain(row) for row in rows])
        return
    if not rows:
        click.echo(
            f"Nothing is known of {model or 'any model'} yet. Versions appear here once they are registered."
        )
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("model", "version", "stage", "decision", "since", "why"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        judged = row.judged
        said = (judged.decision.answer, f"{judged.at.astimezone():%Y-%m-%d %H:%M}") if judged else ("", "")
        table.add_row(escape(row.model), str(row.version), row.stage, *said, escape(row.why))
    pages.console().print(table)
    if unsent := _unsent(model):
        click.echo(f"Messages that no channel took: {unsent}; gatehouse retry --list")


@click.command(epilog="Example: gatehouse history taxi-fare 3")
@click.argument("model")
@click.argument("version", type=click.IntRange(min=1), required=False)
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def history(model: str, version: int | None, *, machine: bool) -> None:
    """Everything on record of MODEL, or of one VERSION, in the order it happened."""
    ledger = own_ledger()
    with reading(ledger) as session:
        entries = timeline(session, model, version)
    if machine:
        pages.as_json([vars(entry) for entry in entries])
    elif entries:
        pages.timeline(entries)
    else:
        click.echo(f"Nothing is on record of {model}{f' {version}' if version else ''}.")


@click.command(epilog="Example: gatehouse explain taxi-fare 3")
@click.argument("model")
@click.argument("version", type=click.IntRange(min=1))
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def explain(model: str, version: int, *, machine: bool) -> None:
    """Why MODEL VERSION stands where it stands: the decision in force, gate by gate. Moves nothing."""
    ledger = own_ledger()
    with reading(ledger) as session:
        judged = judgements.latest(session, model, version)
        problem = work.problems(session, model).get((model, version))
        used = uses(session, model).get((model, version), ())

        kept = reports.kept(session, judged.evaluation) if judged else None
    if judged is None:
        why = f": {problem}" if problem else f"; try: gatehouse validate {model} {version}"
        raise NotJudged(f"{model} {version} has not been judged{why}")
    made = kept is not None and kept.made
    page = report_of(NotificationSettings().console_url, model, version) if made else None
    if machine:
        plain = pages.judgement_json(judged.evaluation, judged.decision)
        plain |= {
            "seen": Shown.of(judged.evaluation).mark,
            "warnings": warnings(used),
            "datasets": [use.model_dump() for use in used],
            "report": page,
        }
        pages.as_json({"model": model, "version": version, "at": judged.at.isoformat()} | plain)
    else:
        title = f"{model} {version}, judged {judged.at.astimezone():%Y-%m-%d %H:%M:%S}"
        pages.judgement(title, judged.evaluation, judged.decision, warnings(used))
        click.echo(f"What is seen here: {Shown.of(judged.evaluation).mark}")
        if kept is not None:
            click.echo(_of_report(kept, page))
    raise SystemExit(Exit.FINE)


def _of_report(kept: Kept, page: str | None) -> str:
    """Where the report is, and why the run lacks it if it does."""
    where = f"The report: {page}" if page else "Its report is being made."
    return f"{where} (the run does not have it: {kept.problem})" if kept.problem else where


def _rows(model: str | None) -> list[Row]:
    ledger = own_ledger()
    with reading(ledger) as session:
        judged = judgements.in_force(session, model)
        problems = work.problems(session, model)
        listed = work.listed(session, model)
        used = uses(session, model)
        stages = {(name, version): stage for name, version, stage in sightings.all_seen(session, model)}
    known = sorted({*stages, *judged, *listed}, key=lambda of: (of[0], -of[1]))
    return [
        Row(*of, stages.get(of), judged.get(of), problems.get(of), of in listed, used.get(of, ()))
        for of in known
    ]


def _unsent(model: str | None) -> int:
    with reading(own_ledger()) as session:
        return len(outbox.given_up(session, model))


def _plain(row: Row) -> dict[str, Any]:
    judged = row.judged
    return {
        "model": row.model,
        "version": row.version,
        "stage": row.stage,
        "answer": judged.decision.answer if judged else None,
        "reasons": judged.decision.reasons if judged else [],
        "since": judged.at.isoformat() if judged else None,
        "warnings": warnings(row.uses),
        "problem": str(row.problem) if row.problem else None,
        "given_up": bool(row.problem and row.problem.given_up),
    }
