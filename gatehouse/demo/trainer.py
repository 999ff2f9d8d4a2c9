"""Runs the trainers as anybody would: by their own commands, in processes of their own."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

TAIL = 12
"""Lines of a failed command that are shown."""
TRIPS_MAX = 40_000
"""A story has to end: of a larger file, a sample is taken."""
TERMINAL_CODE = "\x1b"
"""Keras draws progress bars, also where nobody watches: not part of the story."""


class StoryFailed(Exception):
    """The story did not go as it must; the sentence says where."""


def run(
    module: str, *options: str, say: Callable[[str], None], environ: Mapping[str, str] = os.environ
) -> str:
    """Run `python -m MODULE`, telling its lines as they come; the last one comes back.

    Raises StoryFailed with the end of its output.
    """
    command = [sys.executable, "-m", module, *options]
    lines: list[str] = []
    with subprocess.Popen(  # noqa: S603 our own modules, with options of our own
        command, env=dict(environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            if line.strip() and TERMINAL_CODE not in line:
                lines.append(line.rstrip())
                say(f"  {lines[-1]}")
    if process.returncode:
        end = "\n".join(lines[-TAIL:])
        raise StoryFailed(f"python -m {module} ended with {process.returncode}:\n{end}")
    return lines[-1] if lines else ""


def consumer_environ(registry_url: str) -> dict[str, str]:
    """What a trainer or a consumer is told of us: nothing but where MLflow is."""
    ours = ("GATEHOUSE_", "MLFLOW_")
    return {k: v for k, v in os.environ.items() if not k.startswith(ours)} | {
        "MLFLOW_TRACKING_URI": registry_url,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "MLFLOW_CONFIGURE_LOGGING": "false",
    }


def prepare_trips(data: Path | None, folder: Path, say: Callable[[str], None]) -> Path:
    """Trips given or generated, cleaned and split by the trainer's own ETL; the folder comes back."""
    trips = data
    if trips is None:
        trips = folder / "trips.csv"
        run("training.trips", "--seed", "1", "--out", str(trips), say=say)
    to = ("--out", str(folder / "trips"), "--sample", str(TRIPS_MAX))
    run("training.etl", "--trips", str(trips), *to, say=say)
    return folder / "trips"
