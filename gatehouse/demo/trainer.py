"""Runs the trainers as anybody would: by their own commands, in processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

TAIL = 12
"""Lines of a failed command that are shown."""
TRIPS_MAX = 40_000
"""A story has to end: of a larger file, a sample is taken."""
SUMMARY = "summary.json"
"""What the ETL says of itself, beside the splits."""
WRONG_CALL = 2
"""The ETL's exit code where the file is at fault."""
TERMINAL_CODE = "\x1b"
"""Keras draws progress bars, also where nobody watches: not part of the story."""


class StoryFailed(Exception):
    """The story did not go as it must; the sentence says where."""


class CommandFailed(StoryFailed):
    """A command of the story ended with another exit code than 0."""

    def __init__(self, module: str, code: int, lines: Sequence[str]) -> None:
        super().__init__("\n".join([f"python -m {module} ended with {code}:", *lines[-TAIL:]]))
        self.code = code
        self.said = lines[-1] if lines else ""


class TripsRefused(Exception):
    """The story cannot be told of these trips: another file is needed."""


def run(
    module: str, *options: str, say: Callable[[str], None], environ: Mapping[str, str] = os.environ
) -> str:
    """Run `python -m MODULE`, telling its lines as they come; the last one comes back.

    Raises CommandFailed with the end of its output.
    """
    command = [sys.executable, "-m", module, *options]
    lines: list[str] = []
    with _started(command, environ) as process:
        for line in process.stdout or ():
            if line.strip() and TERMINAL_CODE not in line:
                lines.append(line.rstrip())
                say(f"  {lines[-1]}")
    if process.returncode:
        raise CommandFailed(module, process.returncode, lines)
    return lines[-1] if lines else ""


@contextmanager
def _started(command: list[str], environ: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process with its lines; whoever stops the story does not wait for a training to end."""
    with subprocess.Popen(  # noqa: S603 our own modules, with options of our own
        command, env=dict(environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        except BaseException:
            process.terminate()
            raise


def _own_environ() -> dict[str, str]:
    """The story's trips are nobody's data set: no MLflow of the caller's hears of them."""
    return {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}


def consumer_environ(registry_url: str) -> dict[str, str]:
    """What a trainer or a consumer is told of us: nothing but where MLflow is."""
    ours = ("GATEHOUSE_", "MLFLOW_")
    return {k: v for k, v in os.environ.items() if not k.startswith(ours)} | {
        "MLFLOW_TRACKING_URI": registry_url,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "MLFLOW_CONFIGURE_LOGGING": "false",
    }


def prepare_trips(data: Path | None, folder: Path, *, least: int, say: Callable[[str], None]) -> Path:
    """Trips given or generated, cleaned and split by the trainer's own ETL; the folder comes back.

    Raises TripsRefused where the file cannot be used, or leaves fewer than `least` rows for the hold-out.
    """
    trips = data
    if trips is None:
        trips = folder / "trips.csv"
        run("training.generate", "--seed", "1", "--out", str(trips), say=say)
    out = folder / "trips"
    said: list[str] = []
    try:
        words = ("--data", str(trips), "--engine", "duckdb", "--out", str(out), "--sample", str(TRIPS_MAX))
        run("training.etl", *words, say=said.append, environ=_own_environ())
    except CommandFailed as failed:
        if failed.code != WRONG_CALL:
            raise
        raise TripsRefused(failed.said.removeprefix("Error: ")) from failed
    say(said[-1])
    _insist_on_holdout(trips, out, least)
    return out


def _insist_on_holdout(trips: Path, out: Path, least: int) -> None:
    """Fewer, and every decision would be to hold."""
    rows = json.loads((out / SUMMARY).read_text(encoding="utf-8"))["rows"]
    if rows["holdout"] < least:
        valid = sum(rows.values())
        enough = least * valid // rows["holdout"]
        raise TripsRefused(
            f"{trips} is too small: of its {valid:,} valid trips {rows['holdout']:,} fell to the hold-out,"
            f" and the policy asks for {least:,} there; bring about {enough:,} valid trips"
        )
