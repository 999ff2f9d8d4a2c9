"""`gatehouse follow` and `gatehouse mute`: who is told more of a model, or less, than its policy says."""

from datetime import UTC, datetime

import click

from gatehouse import pages
from gatehouse.failures import Exit
from gatehouse.own_ledger import own_ledger
from ledger import follows
from ledger.engine import reading, writing
from ledger.follows import State

_model = click.argument("model", required=False)
_channel = click.argument("channel", required=False)
_end = click.option("--end", is_flag=True, help="Neither any more: as the policy says.")
_machine = click.option("--json", "machine", is_flag=True, help="Print JSON.")


@click.command(epilog="Example: gatehouse follow taxi-fare '#pricing'")
@_model
@_channel
@_end
@_machine
def follow(model: str | None, channel: str | None, *, end: bool, machine: bool) -> None:
    """Tell CHANNEL all that happens to MODEL; without both, list who follows and who mutes what.

    CHANNEL is a name as policies have them: '#pricing', reviewers, owners.
    """
    _wish(model, channel, "follow", end=end, machine=machine)


@click.command(epilog="Example: gatehouse mute taxi-fare owners")
@_model
@_channel
@_end
@_machine
def mute(model: str | None, channel: str | None, *, end: bool, machine: bool) -> None:
    """Tell CHANNEL nothing of MODEL, requests for approval neither: only of a broken glass.

    The log and the console go on showing everything. Without both, list who follows and who mutes what.
    """
    _wish(model, channel, "mute", end=end, machine=machine)


def _wish(model: str | None, channel: str | None, wish: State, *, end: bool, machine: bool) -> None:
    ledger = own_ledger()
    if model is None and not end:
        with reading(ledger) as session:
            listed = [(row.channel, row.state, row.model) for row in follows.all_of(session)]
        _list(listed, machine=machine)
        return
    if model is None or channel is None or not channel.strip():
        raise click.UsageError(f"say which: gatehouse {wish} MODEL CHANNEL")
    with writing(ledger) as session:
        if end:
            ended = follows.end(session, model, channel)
        else:
            follows.put(session, model, channel, wish, datetime.now(UTC))
    if machine:
        pages.as_json({"model": model, "channel": channel, "state": "ended" if end else wish})
    elif not end:
        click.echo(f"{channel} {wish}s {model} from now on.")
    else:
        click.echo(f"{channel} is told of {model} {'as its policy says' if ended else 'as it was'}.")
    raise SystemExit(Exit.FINE if not end or ended else Exit.NO)


def _list(listed: list[tuple[str, str, str]], *, machine: bool) -> None:
    if machine:
        pages.as_json([{"channel": c, "state": s, "model": m} for c, s, m in listed])
        return
    for channel, state, model in listed:
        click.echo(f"{channel} {state}s {model}")
    if not listed:
        click.echo("Nobody follows or mutes a model: all are told what the policies say.")
