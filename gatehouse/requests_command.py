"""`gatehouse requests`: what waits for people, for whom, since when and until when."""

from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from gatehouse import pages
from gatehouse.terminal import at_the_terminal, json_option
from ledger.engine import reading
from policies.verdicts import Vote
from workers.requests import Request, open_requests


@click.command(epilog="Example: gatehouse requests --as grace")
@click.argument("model", required=False)
@click.option("--as", "name", metavar="NAME", help="Only what NAME may still approve.")
@json_option
def requests(model: str | None, *, name: str | None, machine: bool) -> None:
    """What waits for people, of MODEL or of all, longest first."""
    here = at_the_terminal()
    person = here.person(name) if name else None
    with reading(here.ledger) as session:
        found = open_requests(session, here.book, here.now(), model=model, person=person)
    shown = [each for each in found if each.for_them] if person else found
    if machine:
        pages.as_json([_plain(each) for each in shown])
    elif shown:
        _print(shown)
    else:
        click.echo(_nothing(found, name))


def _nothing(found: list[Request], name: str | None) -> str:
    """Empty for this person is not empty for all."""
    if name is None or not found:
        return "Nothing waits for anybody."
    why = "\n".join(f"{_of(each)}: {each.refused[Vote.APPROVE]}" for each in found if each.refused)
    return f"Nothing waits for {name}.\n{why}"


def _print(shown: list[Request]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("model", "version", "to", "asked", "since", "why", "seen"):
        table.add_column(heading, overflow="fold")
    for each in shown:
        judged = each.judgement
        table.add_row(
            escape(judged.model), str(judged.version), judged.evaluation.transition.to_stage,
            escape(", ".join(judged.decision.asked)), f"{each.asked_since.astimezone():%Y-%m-%d %H:%M}",
            escape("; ".join(judged.decision.reasons)), each.seen,
        )  # fmt: skip
    pages.console().print(table)


def _plain(each: Request) -> dict[str, Any]:
    judged = each.judgement
    may = None if each.refused is None else [verb for verb, why in each.refused.items() if why is None]
    return {
        "model": judged.model,
        "version": judged.version,
        "transition": str(judged.evaluation.transition),
        "asked": judged.decision.asked,
        "since": each.asked_since.isoformat(),
        "until": judged.decision.until.isoformat() if judged.decision.until else None,
        "reasons": judged.decision.reasons,
        "seen": each.seen,
        "open_to_you": may,
    }


def _of(each: Request) -> str:
    return f"{each.judgement.model} {each.judgement.version}"
