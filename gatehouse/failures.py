"""Turns the rooms' errors into a sentence on stderr and an exit code; a bug still shows its traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import click
from pydantic import ValidationError


class Exit(IntEnum):
    """What a command's exit code says."""

    FINE = 0
    NO = 1
    WRONG_CALL = 2
    COULD_NOT_TELL = 3


NO = {
    *("RegistryRefused", "VersionMissing", "ArtifactsMissing", "VoteRefused", "PolicyInvalid"),
    "LedgerInvalid",
}
WRONG_CALL = {"LedgerRefused", "StackRefused", "TripsRefused", "ChannelRefused"}
COULD_NOT_TELL = {
    "RegistryUnavailable",
    "LedgerUnavailable",
    "NotJudged",
    "ServiceDied",
    "StoryFailed",
    "ChannelUnavailable",
}
"""By name, so that the command line need not import every room to know its errors."""

ROOMS = {
    *("registry", "policies", "validation", "ledger", "notifications", "workers", "webhooks", "console"),
    *("gatehouse", "training"),
}
"""Ours: one of them missing is a bug."""

CODES = (
    dict.fromkeys(NO, Exit.NO)
    | dict.fromkeys(WRONG_CALL, Exit.WRONG_CALL)
    | dict.fromkeys(COULD_NOT_TELL, Exit.COULD_NOT_TELL)
)


@contextmanager
def told() -> Iterator[None]:
    """Tell an expected error in a sentence, and leave with its code."""
    try:
        yield
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = "GATEHOUSE_" + "_".join(map(str, problem["loc"])).upper()
            click.echo(f"gatehouse: {name}: {problem['msg']}", err=True)
        raise SystemExit(Exit.WRONG_CALL) from error
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ROOMS:
            raise
        click.echo(f"gatehouse: {package} is not installed here: pip install 'gatehouse[local]'", err=True)
        raise SystemExit(Exit.WRONG_CALL) from error
    except Exception as error:
        code = next((CODES[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in CODES), None)
        if code is None:
            raise
        click.echo(f"gatehouse: {error}", err=True)
        raise SystemExit(code) from error
