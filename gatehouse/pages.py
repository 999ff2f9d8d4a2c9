"""What commands print: verdicts and decisions as tables and sentences. Colours only on a terminal."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from policies.verdicts import Answer, Decision, Evaluation, Outcome

if TYPE_CHECKING:  # tools without a server need not wait for the ledger's libraries
    from ledger.history import Entry

COLOURS = {
    Outcome.PASS: "green",
    Outcome.FAIL: "red",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.ERROR: "magenta",
    Outcome.SKIP: "dim",
    Answer.PROMOTE: "green",
    Answer.REJECT: "red",
    Answer.ASK: "yellow",
    Answer.HOLD: "magenta",
}


def console() -> Console:
    """The terminal, or whatever stands in its place: then without colours, and as wide as its lines are."""
    screen = Console(highlight=False, soft_wrap=True)
    return screen if screen.is_terminal else Console(highlight=False, soft_wrap=True, width=200)


def as_json(value: Any) -> None:
    """The machine form of whatever a command has to say."""
    click.echo(json.dumps(value, indent=2, default=str, ensure_ascii=False))


def judgement(title: str, evaluation: Evaluation, decision: Decision, warned: Iterable[str] = ()) -> None:
    """A decision with its gates, as a reviewer reads it, and what is to be said beside them."""
    screen = console()
    screen.print(f"{escape(title)}, {evaluation.transition}, by policy {escape(evaluation.policy)}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("gate", "verdict", "why"):
        table.add_column(heading, overflow="fold")
    for verdict in evaluation.verdicts:
        colour = COLOURS[verdict.outcome]
        table.add_row(escape(verdict.gate), f"[{colour}]{verdict.outcome}[/]", escape(verdict.sentence))
    screen.print(table)
    for sentence in warned:
        screen.print(f"[yellow]Mind:[/] {escape(sentence)}")
    screen.print(f"[{COLOURS[decision.answer]}]{decision.answer}[/]: {escape('; '.join(decision.reasons))}")


def judgement_json(evaluation: Evaluation, decision: Decision) -> dict[str, Any]:
    """The same for machines."""
    return {
        "answer": decision.answer,
        "reasons": decision.reasons,
        "transition": str(evaluation.transition),
        "policy": evaluation.policy,
        "policy_digest": evaluation.policy_digest,
        "evidence_digest": evaluation.evidence_digest,
        "rubber_stamp": decision.rubber_stamp,
        "verdicts": [verdict.model_dump(mode="json") for verdict in evaluation.verdicts],
    }


def timeline(entries: "Iterable[Entry]") -> None:
    """Everything that is on record, in the order it happened."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("time", "version", "what", "outcome", "in words"):
        table.add_column(heading, overflow="fold")
    for entry in entries:
        colour = COLOURS.get(entry.outcome, "")  # type: ignore[call-overload]
        outcome = f"[{colour}]{entry.outcome}[/]" if colour else entry.outcome
        at = f"{entry.at.astimezone():%H:%M:%S}"
        table.add_row(at, str(entry.version or ""), entry.kind, outcome, escape(entry.sentence))
    console().print(table)
