"""One process for one model: started clean, watched, stopped with everything it started.

What is said to it and what its words mean is for `validation.dialogue`; which code runs in it,
`validation.scorer`. Nothing of the parent's environment goes in.
"""

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from validation.confinement import READABLE, WRITABLE
from validation.limits import Limits
from validation.listening import Garbled, Listener
from validation.processes import family, held, nameless, resident, written
from validation.system_calls import filter_for

logger = logging.getLogger(__name__)

CONFINE = Path(__file__).with_name("confine.py")
SCORER = Path(__file__).with_name("scorer.py")
NOBODY = 65534
"""The user and the group that a root's models run as."""
_GLANCE_S = 0.1
_WATCH_S = 0.25


class Stopped(Exception):
    """The process is over, or has to be: the reason completes "the model ..."."""


def clean_environment(home: Path, python: str, threads: int) -> dict[str, str]:
    """All that the child sees: built from nothing, so that no secret can be forgotten in it."""
    return {
        "PATH": f"{Path(python).parent}{os.pathsep}{os.defpath}",
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "KERAS_BACKEND": "tensorflow",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def open_to_others(python: str) -> bool:
    """Whether another user could run an interpreter: not if it lies in somebody's private folder."""
    places = {Path(python).absolute(), Path(python).resolve()}
    return all(folder.stat().st_mode & 0o001 for place in places for folder in place.parents)


def own_folder(python: str) -> list[str]:
    """The folder of an interpreter's own virtual environment, if it is of one."""
    folder = Path(python).absolute().parent.parent
    return [str(folder)] if (folder / "pyvenv.cfg").is_file() else []


class Child:
    """One of this room's scripts, running confined. `end` must be called; it may be called again."""

    def __init__(
        self,
        python: str,
        limits: Limits,
        threads: int,
        machine: str,
        script: Path = SCORER,
        *,
        ahead: Sequence[str] = (),
    ) -> None:
        """`ahead` are modules that are imported before it is ready. Raises OSError if none can be started."""
        self.scratch = Path(tempfile.mkdtemp(prefix="gatehouse-"))
        self._stranger = os.geteuid() == 0
        self.home = self._furnish()
        self._limits = limits
        self._ahead = ahead
        self._watched = 0.0
        self._before: int | None = None
        self._most = 0
        status, told = os.pipe()
        try:
            self._process = self._start(python, threads, told, filter_for(machine), script)
        except OSError:
            os.close(status)
            shutil.rmtree(self.scratch)
            raise
        finally:
            os.close(told)
        assert self._process.stdout is not None
        self._listener = Listener(os.fdopen(status, "rb", 0), self._process.stdout, limits.log_bytes)

    def _furnish(self) -> Path:
        """The one folder that the model may write to; what lies beside it, it may only read."""
        home = self.scratch / "home"
        home.mkdir(mode=0o700)
        if self._stranger:
            self.scratch.chmod(0o711)
            os.chown(home, NOBODY, NOBODY)
        return home

    def bring(self, model: Path) -> Path:
        """Put the model's files where they can be read; links stay links, and lead nowhere else."""
        place = self.scratch / "model"
        shutil.copytree(model, place, symlinks=True)
        for path in (place, *place.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() else 0o644)
        return place

    def _start(
        self, python: str, threads: int, told: int, calls: bytes | None, script: Path
    ) -> subprocess.Popen[bytes]:
        terms = {
            "status": told,
            "parent": os.getpid(),
            "user": NOBODY if self._stranger else None,
            "reads_all": not open_to_others(python),
            "readable": [str(self.scratch), *own_folder(python), *READABLE],
            "writable": [str(self.home), *WRITABLE],
            "filter": calls.hex() if calls else None,
            "cpu_s": self._limits.cpu_s,
            "file_bytes": self._limits.file_bytes,
            "open_files": self._limits.open_files,
            "users_tasks": self._limits.users_tasks,
            "ahead": list(self._ahead),
        }
        # By path and isolated (-I): a model's own environment need not know this product.
        return subprocess.Popen(  # noqa: S603 our own file, run by the interpreter we were given
            [python, "-I", "-S", str(CONFINE), json.dumps(terms), str(script)],
            env=clean_environment(self.home, python, threads),
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(told,),
        )

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def give(self, line: Mapping[str, Any]) -> None:
        """Send one line. Raises Stopped if nobody reads it."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(line).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            over = not self.alive
            raise Stopped(self._farewell() if over else "listened no more to what it was asked") from None

    def wait(self, states: Sequence[str], seconds: float, late: str) -> dict[str, Any]:
        """The next status, one of `states`. Raises Stopped: with `late` after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            over = not self.alive  # asked before listening: what it said last is then already in the pipe
            try:
                self._listener.listen(0 if over else _GLANCE_S)
                said = self._listener.status(states)
            except Garbled as garbled:
                raise Stopped(str(garbled)) from None
            if said is not None:
                return said
            if over:
                raise Stopped(self._farewell())
            if time.monotonic() > deadline:
                raise Stopped(late)
            self._watch()

    def _watch(self) -> None:
        if time.monotonic() - self._watched < _WATCH_S:
            return
        pids = family(self._process.pid, str(self.scratch))
        if len(pids) > self._limits.processes:
            raise Stopped(f"started more than {self._limits.processes} processes")
        together = sum(map(held, pids))
        self._most = max(self._most, together)
        if together > self._limits.memory_bytes:
            raise Stopped(f"used more than {self._limits.memory_bytes / (1 << 30):.1f} GiB of memory")
        most = self._limits.written_bytes
        if written(self.home, most) + nameless(pids) > most:
            raise Stopped(f"wrote more than {most / (1 << 30):.1f} GiB")
        self._watched = time.monotonic()

    def begin_memory(self) -> None:
        """What is resident now is not the model's."""
        found = resident(self._process.pid)
        self._before = found[0] if found else None

    def note_memory(self) -> None:
        """Remember the most that was held so far, by the kernel's mark: no peak between looks is missed."""
        found = resident(self._process.pid)
        self._most = max(self._most, found[1] if found else 0)

    @property
    def memory_bytes(self) -> int | None:
        """The most above what was resident at the beginning; None where nobody could see."""
        return None if self._before is None else max(0, self._most - self._before)

    def _farewell(self) -> str:
        code = self._process.returncode
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"exited with code {code}"
        words = self._listener.last_words
        return f"{how} before it had answered" + (f"; it printed last: {words}" if words else "")

    def end(self) -> None:
        """Kill every process of the run and remove its scratch folder."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._end_stragglers()
        self._listener.close()
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        shutil.rmtree(self.scratch, ignore_errors=True)
        if self.scratch.exists():
            logger.warning("the scratch folder %s could not be removed", self.scratch)

    def _end_stragglers(self) -> None:
        """What was forked while we killed is killed again, until nothing is left."""
        patience = time.monotonic() + 5
        while (left := family(self._process.pid, str(self.scratch))) and time.monotonic() < patience:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
