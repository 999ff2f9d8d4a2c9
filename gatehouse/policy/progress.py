"""Progress on stderr, for work that takes over two seconds, where a person looks on."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

PATIENCE_S = 2.0

T = TypeVar("T")


def shown(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """The items as they come; after a while with a bar, if stderr is a terminal."""
    screen = Console(stderr=True)
    bar = Progress(console=screen, transient=True, redirect_stdout=sys.stdout.isatty())
    task = bar.add_task(what, total=total)
    begun = time.monotonic()
    with ExitStack() as stack:
        for done, item in enumerate(items):
            yield item
            if bar.live.is_started:
                bar.update(task, completed=done)
            elif screen.is_terminal and time.monotonic() - begun > PATIENCE_S:
                stack.enter_context(bar)
