"""Shows a person on stderr how far a step of the ETL is: a bar on a terminal, a line where nobody watches."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

import click
from rich.console import Console
from rich.progress import Progress

_PATIENCE_S: Final = 2.0
"""A step that is over by then needs no telling."""
_LOOKS_S: Final = 0.25


@contextmanager
def shown(step: str, percent: Callable[[], float]) -> Iterator[None]:
    """Show the step for as long as the block lasts; below 0, `percent` is not known yet."""
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(step, percent, over), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def told_of(step: str) -> AbstractContextManager[None]:
    """Tell of a step whose engine draws a bar by itself on a terminal: there, nothing is said here."""
    return nullcontext() if sys.stderr.isatty() else shown(step, lambda: 0.0)


def _watch(step: str, percent: Callable[[], float], over: threading.Event) -> None:
    if over.wait(_PATIENCE_S):
        return
    if not sys.stderr.isatty():
        click.echo(f"{step} …", err=True)
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(step, total=100)
        while not over.wait(_LOOKS_S):
            bar.update(task, completed=max(0.0, percent()))
