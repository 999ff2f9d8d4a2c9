"""Shows a person how far a training is: a bar on a terminal, a line an epoch where nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from training.epoch import Epoch, Tell

_LINES: Final = 25
"""At most about so many, of however many epochs."""


@contextmanager
def shown(*, err: bool) -> Iterator[Tell]:
    """Give what is to be told of every epoch; `err` sends the lines to stderr, where a bar always goes."""
    if not sys.stderr.isatty():
        yield _lines(err=err)
        return
    columns = (
        TextColumn("epoch"),
        MofNCompleteColumn(),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        yield lambda epoch: bar.update(task, total=epoch.of, completed=epoch.number, description=_said(epoch))


def _lines(*, err: bool) -> Tell:
    def told(epoch: Epoch) -> None:
        if epoch.number % max(1, epoch.of // _LINES) == 0 or epoch.number == epoch.of:
            click.echo(f"epoch {epoch.number} of {epoch.of}: {_said(epoch)}", err=err)

    return told


def _said(epoch: Epoch) -> str:
    return f"validation rmse {epoch.metrics['val_rmse']:.2f}, mae {epoch.metrics['val_mae']:.2f} dollars"
