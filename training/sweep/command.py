"""Begins or joins a sweep, starts its processes, and at the end draws it and registers the best run once."""

import json
import os
from pathlib import Path
from typing import Any, Final

import click

from training.devices import quiet
from training.errors import told
from training.options import NAME, OWNER, SEED
from training.plan import KINDS, Plan
from training.server import reach
from training.stopping import stoppable
from training.sweep.forking import begin_importing
from training.sweep.minimum import METRICS, Minimum, MinimumInvalid, minimum
from training.sweep.space import size_of_grid
from training.train import CHECKPOINTS

_LEFT: Final = "nothing is registered; the same call with --join goes on"


def _minimum(context: click.Context, parameter: click.Parameter, text: str) -> Minimum | None:
    try:
        return minimum(text) if text else None
    except MinimumInvalid as error:
        raise click.BadParameter(str(error), context, parameter) from error


@click.command(
    epilog="Example: python -m training.sweep --data trips/ --owner pricing --register-if 'rmse<=4.5'"
)
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that the ETL wrote.",
)
@OWNER
@click.option("--author", default="", help="Who trains; default: the user logged in.")
@click.option(
    "--model",
    "kind",
    default="default",
    show_default=True,
    type=click.Choice(list(KINDS)),
    help="Kind of model.",
)
@click.option(
    "--epochs", default=0, type=click.IntRange(min=0), help="At most; 0 takes what suits the model."
)
@click.option(
    "--seed",
    default=7,
    show_default=True,
    type=SEED,
    help="Of every trial's first weights and order of rows.",
)
@click.option(
    "--rows", default=0, type=click.IntRange(min=0), help="Train on so many rows only; 0 takes all."
)
@click.option(
    "--trials", default=12, show_default=True, type=click.IntRange(min=1), help="Of the whole sweep."
)
@click.option("--grid", is_flag=True, help="Learning rate by activation, every pair, none pruned.")
@click.option(
    "--metric",
    default="val_rmse",
    show_default=True,
    type=click.Choice(METRICS),
    help="What is to be small.",
)
@click.option("--sweep-name", default="taxi-fare", show_default=True, help="By which others may join.")
@click.option(
    "--storage",
    default="sqlite:///sweeps.db",
    show_default=True,
    help="Database that all who take part reach.",
)
@click.option(
    "--tracking-uri",
    envvar="MLFLOW_TRACKING_URI",
    default="",
    help="MLflow; default: MLFLOW_TRACKING_URI.",
)
@click.option(
    "--checkpoints",
    default=CHECKPOINTS,
    type=click.Path(path_type=Path, file_okay=False),
    help="As of training.",
)
@click.option(
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="Processes on this machine, of a thread each.",
)
@click.option("--join", is_flag=True, help="Take part in the sweep of that name, or go on with it.")
@click.option(
    "--register-if", "least", default="", callback=_minimum, help="Least for the best run, as in rmse<=4.5."
)
@NAME
@click.option("--experiment", default="taxi-fare", show_default=True, help="MLflow experiment.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON, the progress on stderr.")
def main(jobs: int, as_json: bool, tracking_uri: str, **words: Any) -> None:
    """Search for the best settings and register the best run; the last line is the number of its version.

    Exit code 1 where the best run is not as good as --register-if asks.
    """
    with told(), stoppable(_LEFT):
        reach(tracking_uri)
        quiet()
        own_run = os.environ.pop("MLFLOW_RUN_ID", "")  # of `mlflow run`; trials are no part of it
        begin_importing()
        from training.sweep.conducting import Outcome, conduct

        outcome: Outcome = conduct(
            jobs, tracking_uri, own_run, say=lambda line: click.echo(line, err=as_json), **words
        )
    click.echo(json.dumps(outcome.words()) if as_json else outcome)
    raise SystemExit(0 if outcome.fine else 1)


def search_of(words: dict[str, Any], digest: str) -> Any:
    """Give what is searched for, of the options and the digest of the data."""
    from training.sweep.study import Search

    kind, epochs, seed, rows = (words[name] for name in ("kind", "epochs", "seed", "rows"))
    plan = Plan(kind, epochs=epochs, seed=seed, rows=rows)
    return Search(words["sweep_name"], words["storage"], plan, words["metric"], digest, grid=words["grid"])


def trials_of(words: dict[str, Any]) -> int:
    """How many trials there are to be."""
    return size_of_grid(words["kind"]) if words["grid"] else int(words["trials"])
