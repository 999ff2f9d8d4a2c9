"""Options that the trainer's commands share, refused where MLflow or NumPy would refuse them later.

Else a name with a slash would be told after all of the training, and a seed below zero by a traceback.
"""

import math
import re
from typing import Final

import click

_LARGEST_SEED: Final = 2**32 - 1
"""That NumPy takes."""


def _name(context: click.Context, parameter: click.Parameter, name: str) -> str:
    if not name.strip() or re.search("[/:]", name):
        why = f"'{name}' is no name of a registered model: it must not be empty, nor hold / or :"
        raise click.BadParameter(why, context, parameter)
    return name


def _owner(context: click.Context, parameter: click.Parameter, owner: str) -> str:
    if not owner.strip():
        raise click.BadParameter("somebody has to answer for the model", context, parameter)
    return owner


def finite(context: click.Context, parameter: click.Parameter, number: float) -> float:
    """Refuse inf and nan, which every range of click's lets pass."""
    if not math.isfinite(number):
        raise click.BadParameter(f"{number} is no number to compute with", context, parameter)
    return number


NAME: Final = click.option(
    "--name", default="taxi-fare", show_default=True, callback=_name, help="Registered model."
)
OWNER: Final = click.option(
    "--owner", required=True, callback=_owner, help="Team that answers for the model."
)
SEED: Final = click.IntRange(min=0, max=_LARGEST_SEED)
