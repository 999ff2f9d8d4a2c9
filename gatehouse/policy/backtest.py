"""`gatehouse policy backtest`: which past decisions would differ under changed policies, and why."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gatehouse.failures import Exit
from gatehouse.own_ledger import own_ledger
from gatehouse.policy.looking import count
from gatehouse.policy.progress import shown
from ledger import recorded
from ledger.engine import reading
from ledger.judgements import Judgement
from ledger.recorded import Recorded
from policies.backtest import Replay, Result, by_a_rule, replay
from policies.book import PolicyBook
from policies.load import load_policies
from policies.problems import PolicyInvalid

SINCE = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
UNREADABLE = "its evidence was written by another release, in a form that this one cannot read"


@dataclass
class Tally:
    """What came out so far: figures only, however many decisions there are."""

    decisions: int = 0
    same: int = 0
    other: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    unknown_decisions: int = 0

    def add(self, one: Replay) -> None:
        """Count one."""
        self.decisions += 1
        self.same += one.result is Result.SAME
        if one.result is Result.OTHER:
            self.other[_turn(one)] += 1
        if one.result is Result.UNKNOWN:
            self.unknown_decisions += 1
            self.unknown.update(one.reasons)


@click.command(epilog="Example: gatehouse policy backtest FOLDER --model taxi-fare --since 2026-01-01")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", help="Only decisions on this registered model.")
@click.option("--since", type=SINCE, help="Only decisions from then on, in UTC.")
@click.option("--fail-on-change", is_flag=True, help="Exit code 1 if any decision would differ.")
@click.option("--json", "machine", is_flag=True, help="Print one JSON object a line; the last one sums up.")
def backtest(
    folder: Path, *, model: str | None, since: datetime | None, fail_on_change: bool, machine: bool
) -> None:
    """Judge all recorded evidence by the policies of FOLDER, and tell which decisions would differ.

    Moves and records nothing. Votes count as if they had been given for the changed policy; what it needs
    and nobody measured then is told apart, as unknown. Exit code 0: told, 1: a policy cannot be read, or
    --fail-on-change, 2: wrong call.
    """
    book = load_policies(folder)
    if book.problems:
        raise PolicyInvalid(book.problems)
    if not book.policies:
        raise click.UsageError(f"no policy file in {folder}")
    tally = Tally()
    for judgement, one in _replayed(book, model, since.replace(tzinfo=UTC) if since else None):
        tally.add(one)
        if machine and one.result is not Result.SAME:
            click.echo(json.dumps(_plain(judgement, one), ensure_ascii=False))
        elif one.result is Result.OTHER:
            _print(judgement, one)
    if machine:
        click.echo(json.dumps(vars(tally) | {"differ": tally.other.total()}))
    else:
        _sum_up(tally)
    raise SystemExit(Exit.NO if fail_on_change and tally.other else Exit.FINE)


def _replayed(
    book: PolicyBook, model: str | None, since: datetime | None
) -> Iterator[tuple[Judgement, Replay]]:
    ledger = own_ledger()
    with reading(ledger) as session:
        total = recorded.count(session, model, since)
        for one in shown(recorded.recorded(session, model, since), total, "Judging again"):
            if by_a_rule(one.judgement.evaluation, one.judgement.decision):
                yield one.judgement, _again(book, one)


def _again(book: PolicyBook, one: Recorded) -> Replay:
    said = one.judgement.evaluation, one.judgement.decision
    if one.evidence is None:
        return Replay(Result.UNKNOWN, one.judgement.decision.answer, None, (UNREADABLE,))
    return replay(book, one.judgement.model, said, one.evidence, one.votes)


def _turn(one: Replay) -> str:
    return f"{one.before} -> {one.after or 'left alone'}"


def _print(judgement: Judgement, one: Replay) -> None:
    transition = judgement.evaluation.transition
    at = f"{judgement.at:%Y-%m-%d %H:%M} UTC"
    click.echo(f"{judgement.model} {judgement.version}, {transition}, {at}: {_turn(one)}")
    for line in map(str, one.gates) if one.gates else one.reasons:
        click.echo(f"    {line}")


def _sum_up(tally: Tally) -> None:
    decisions = count(tally.decisions, "decision", "decisions")
    turns = ", ".join(f"{number:,} {turn}" for turn, number in tally.other.most_common())
    click.echo(f"{tally.other.total():,} of {decisions} would differ{f': {turns}' if turns else ''}.")
    if tally.unknown_decisions:
        click.echo(f"{tally.unknown_decisions:,} could not be told:")
        for sentence, number in tally.unknown.most_common():
            click.echo(f"    {sentence}: {count(number, 'decision', 'decisions')}")


def _plain(judgement: Judgement, one: Replay) -> dict[str, Any]:
    of = {"model": judgement.model, "version": judgement.version, "at": judgement.at.isoformat()}
    return of | {"transition": str(judgement.evaluation.transition)} | asdict(one)
