"""Ctrl-C, and the same from whoever ends a container: a training ends in order, and says what is left."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

_INTERRUPTED: Final = 130
"""As a shell says it of a program that Ctrl-C ended."""


@contextmanager
def stoppable(left: str) -> Iterator[None]:
    """Around a command: being stopped ends it with exit code 130 and a sentence on what is left."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        click.echo(f"Stopped: {left}", err=True)
        raise SystemExit(_INTERRUPTED) from None
