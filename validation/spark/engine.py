"""Answers needs of data sets on Spark, by a process of its own that ends with all that it started.

Whatever Spark does or does not do is no fault of the candidate's: it is told, and held until it can be told.
"""

import contextlib
import importlib.util
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from policies.evidence.gap import Gap
from policies.evidence.kinds import Finding
from policies.evidence.need import DataNeed
from policies.sandbox_levels import SandboxLevel
from validation.limits import Limits
from validation.spark.far import Cluster, FarHoldout
from validation.spark.job import Answered, Job, ModelAsked

_LOCAL: Final = "local"
_GLANCE_S: Final = 0.2


@dataclass(frozen=True)
class Patience:
    """How long Spark is waited for, in seconds: to be reached, to run a first task, to do a whole job."""

    reach_s: float = 10.0
    ready_s: float = 600.0
    job_s: float = 6 * 3600.0


class _Away(Exception):
    """Spark cannot be asked; the sentence says why, and what to do."""


def far_findings(
    needs: Sequence[DataNeed],
    models: Mapping[str, ModelAsked],
    far: FarHoldout,
    limits: Limits,
    level: SandboxLevel = "limited",
    patience: Patience | None = None,
) -> dict[str, Finding]:
    """Of all needs of one data set, which are answered together. Raises OSError if no process starts."""
    against = any(need.against_champion for need in needs)
    asked = {who: model for who, model in models.items() if who == "candidate" or against}
    try:
        answered = _answered(Job(far, tuple(needs), asked, limits, level), patience or Patience())
    except _Away as away:
        answered = Answered({}, str(away))
    if not answered.error:
        return dict(answered.findings)
    gap = Gap(reason=f"data set '{far.name}' could not be judged on Spark: {answered.error}")
    return dict.fromkeys((need.key for need in needs), gap)


def _answered(job: Job, patience: Patience) -> Answered:
    _must_be_there(job.far.cluster, patience.reach_s)
    with tempfile.TemporaryDirectory(prefix="gatehouse-", ignore_cleanup_errors=True) as folder:
        task, answer, said = (Path(folder) / name for name in ("job", "answer", "said"))
        task.write_bytes(pickle.dumps(job))
        with said.open("wb") as words:
            process = subprocess.Popen(  # noqa: S603 our own module, run by our own interpreter
                [sys.executable, "-m", "validation.spark.driver", str(task), str(answer)],
                env=_environment(job.far.cluster, os.environ),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait(process, said, patience)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if not answer.exists():
            raise _Away(f"its driver ended before it had answered; it said last: {_last(said)}")
        answered: Answered = pickle.loads(answer.read_bytes())  # noqa: S301 written by our own process
        return answered


def _wait(process: "subprocess.Popen[bytes]", said: Path, patience: Patience) -> None:
    began, ready = time.monotonic(), False
    while process.poll() is None:
        ready = ready or b'{"state": "ready"}' in said.read_bytes()
        waited = time.monotonic() - began
        if not ready and waited > patience.ready_s:
            raise _Away(f"it ran no task within {patience.ready_s:g} s: has it executors that are free?")
        if waited > patience.job_s:
            raise _Away(f"it was not done within {patience.job_s:g} s")
        time.sleep(_GLANCE_S)


def _must_be_there(cluster: Cluster, within_s: float) -> None:
    """Raises _Away for what would else be found out slowly, or in Java's words."""
    if importlib.util.find_spec("pyspark") is None:
        raise _Away("PySpark is not installed here: install Gatehouse's extra 'spark' beside the workers")
    remote = cluster.remote is not None and not cluster.remote.startswith(_LOCAL)
    if not remote and shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise _Away("there is no Java here: install Java 17 or newer, or use GATEHOUSE_SPARK_REMOTE")
    address = urlsplit(cluster.address)
    if address.scheme in {"spark", "sc"}:
        port = address.port or (15002 if address.scheme == "sc" else 7077)
        try:
            socket.create_connection((address.hostname or "", port), timeout=within_s).close()
        except OSError as error:
            where = f"{address.scheme}://{address.hostname}:{port}"
            raise _Away(f"nobody answers at {where} ({error.strerror or error}): is it up?") from None


def _environment(cluster: Cluster, environ: Mapping[str, str]) -> dict[str, str]:
    """What Spark needs of ours; of the gate's own settings and secrets nothing."""
    kept = {name: value for name, value in environ.items() if not name.startswith("GATEHOUSE_")}
    kept.setdefault("PYSPARK_PYTHON", sys.executable)
    if cluster.address.startswith(_LOCAL):
        kept.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    return kept


def _last(said: Path) -> str:
    lines = [line.strip() for line in said.read_text(errors="replace").splitlines() if line.strip()]
    return " ".join(lines[-3:])[-300:] or "nothing"
