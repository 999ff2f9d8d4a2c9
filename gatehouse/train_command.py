"""`gatehouse train`: the trainer's own commands, in processes of their own, at the registry of this stack.

Nobody imports a trainer: it is started as anybody would start it.
"""

import os
import subprocess
import sys
from pathlib import Path

import click

from registry.settings import RegistrySettings

_KEPT = Path(".gatehouse") / "trips"


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    epilog="Example: gatehouse train --data train.csv --owner pricing --model boosted",
)
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="Trips, CSV or Parquet, or the folder that the ETL made of them.",
)
@click.option("--owner", required=True, help="Team that answers for the model.")
@click.option("--sweep", is_flag=True, help="Search for the best settings, and register the best run.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def train(data: Path, owner: str, *, sweep: bool, options: tuple[str, ...]) -> None:
    """Prepare trips where that is still to be done, train a model of taxi fares, register it as a candidate.

    All other OPTIONS are the trainer's: python -m training.train --help, or training.sweep with --sweep.
    """
    registry = os.environ.get("MLFLOW_TRACKING_URI") or RegistrySettings().registry_url
    environ = dict(os.environ) | {"MLFLOW_TRACKING_URI": registry}
    folder = data if data.is_dir() else _KEPT / data.stem
    if not data.is_dir():
        _run("training.etl", ("--data", str(data), "--out", str(folder)), environ)
    trainer = "training.sweep" if sweep else "training.train"
    _run(trainer, ("--data", str(folder), "--owner", owner, *options), environ)


def _run(module: str, options: tuple[str, ...], environ: dict[str, str]) -> None:
    """Wait for a command to end; where it fails its code is ours, and it has said why."""
    with subprocess.Popen([sys.executable, "-m", module, *options], env=environ) as process:  # noqa: S603 our own
        try:
            code = process.wait()
        except KeyboardInterrupt:  # the terminal told the trainer, too: it ends in order
            code = process.wait()
    if code:
        raise SystemExit(code)
