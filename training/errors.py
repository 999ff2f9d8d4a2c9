"""What can go wrong in a trainer, named by what to do; a registry's own errors are in `registry.errors`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from registry.errors import RegistryRefused, RegistryUnavailable


class TrainerError(Exception):
    """Anything a trainer raises by itself; its sentence is meant for the person who called it."""


class TripsInvalid(TrainerError):
    """The trips cannot be used as they are: another file is needed, the same one will not do."""


class LossInvalid(TrainerError):
    """The loss became NaN or infinite: nothing was registered, other settings are needed."""


class SweepTaken(TrainerError):
    """A sweep of that name is there already: join it, or choose another name."""


class SweepInvalid(TrainerError):
    """There is no such sweep to join, or it searches for something else."""


class WorkerFailed(TrainerError):
    """A process of a sweep ended before its work was done; the sweep can be joined again."""


class OutputUnavailable(TrainerError):
    """What was to be written could not be, as on a full disk; it is worth another try once there is room."""


class EngineUnavailable(TrainerError):
    """The engine that was asked for does not answer; it may later."""


class EngineRefused(TrainerError):
    """The engines that were asked for do not go together."""


class EngineMissing(TrainerError):
    """What the engine needs is not installed here: install it, or choose another engine."""


_EXIT_CODES: Final[dict[type[Exception], int]] = {
    LossInvalid: 1,
    RegistryRefused: 1,
    TripsInvalid: 2,
    SweepTaken: 2,
    SweepInvalid: 2,
    WorkerFailed: 3,
    EngineMissing: 2,
    EngineRefused: 2,
    OSError: 2,
    RegistryUnavailable: 3,
    OutputUnavailable: 3,
    EngineUnavailable: 3,
}
"""1 no, 2 wrong call, 3 could not tell."""


@contextmanager
def told() -> Iterator[None]:
    """Around a command: what went wrong becomes one sentence and the exit code that goes with it."""
    try:
        yield
    except tuple(_EXIT_CODES) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(
            next(code for kind, code in _EXIT_CODES.items() if isinstance(error, kind))
        ) from error
