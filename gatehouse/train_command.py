"""`gatehouse train`: the trainer's own commands, in processes of their own, at the registry of this stack.

Nobody imports a trainer: it is started as anybody would start it.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import click

from registry.settings import RegistrySettings, home


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    epilog="Example: gatehouse train --data train.csv --owner pricing --model boosted",
)
@click.option(
    "--data",
    required=True,
    help="Trips, CSV or Parquet, a path or an address (s3://…), or the folder that the ETL made of them.",
)
@click.option("--owner", required=True, help="Team that answers for the model.")
@click.option("--sweep", is_flag=True, help="Search for the best settings, and register the best run.")
@click.option(
    "--tracking-uri",
    envvar="MLFLOW_TRACKING_URI",
    default="",
    help="MLflow; default: MLFLOW_TRACKING_URI, or the local stack's.",
)
@click.option("--experiment", default="taxi-fare", show_default=True, help="MLflow experiment.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON, all else on stderr.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[TRAINER'S OPTIONS]...")
def train(  # noqa: PLR0913 click gives each option an argument
    data: str,
    owner: str,
    *,
    sweep: bool,
    tracking_uri: str,
    experiment: str,
    as_json: bool,
    options: tuple[str, ...],
) -> None:
    """Prepare trips where that is still to be done, train a model of taxi fares, register it as a candidate.

    All other options are the trainer's: python -m training.train --help, or training.sweep with --sweep.
    """
    environ = dict(os.environ) | {"MLFLOW_TRACKING_URI": tracking_uri or RegistrySettings().registry_url}
    is_prepared = Path(data).is_dir()
    folder = Path(data) if is_prepared else _own_folder(data)
    trainer = "training.sweep" if sweep else "training.train"
    words = ("--data", str(folder), "--owner", owner, "--experiment", experiment, *options)
    if not is_prepared:
        # The ETL may take minutes: an option that the trainer does not know is better told before.
        _run(trainer, (*words, "--help"), environ, subprocess.DEVNULL)
        prepared = ("--data", data, "--out", str(folder), "--experiment", experiment)
        _run("training.etl", prepared, environ, sys.stderr if as_json else None)
    _run(trainer, (*words, "--json") if as_json else words, environ)


def _own_folder(data: str) -> Path:
    """Where the trips of an address are kept: two files of one name are two."""
    address = data if "://" in data else str(Path(data).absolute())
    name = Path(data.partition("?")[0]).stem
    return home() / "trips" / f"{name}-{hashlib.sha256(address.encode()).hexdigest()[:8]}"


def _run(
    module: str, options: tuple[str, ...], environ: dict[str, str], out: IO[str] | int | None = None
) -> None:
    """Wait for a command to end; where it fails its code is ours, and it has said why."""
    command = [sys.executable, "-m", module, *options]
    with subprocess.Popen(command, env=environ, stdout=out) as process:  # noqa: S603 our own
        try:
            code = process.wait()
        except KeyboardInterrupt:  # the terminal told the trainer, too: it ends in order
            code = process.wait()
    if code:
        raise SystemExit(code)
