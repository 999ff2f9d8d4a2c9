"""A model's own recorded environment, installed by uv into a cache and used again for equal requirements.

Requirements are the author's word, so they are read here and not by uv: names and versions from the
operator's index, nothing by address, path or option, and wheels only, since building a package runs its
author's code. What wheels bring runs for the first time in the sandbox: it starts without `site`.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from validation.answers import Failed
from validation.processes import written

NEEDED = ("mlflow", "pandas", "pyarrow")
"""What the scorer imports; added without a version where the model's author did not list it."""
MOST_BYTES = 1 << 20
KEPT = 10
"""Environments; older ones are removed when one more is made, unless they were used within the hour."""
_UNSATISFIABLE = (
    "no solution found",
    "has no usable wheels",
    "no wheels with a matching",
    "not found in the",
)
_UNREACHABLE = ("error sending request", "failed to fetch", "could not connect", "timed out", "network")


@dataclass(frozen=True)
class Environments:
    """Where environments are kept, and where packages come from: an index, or a folder of wheels."""

    cache: Path
    index: str | None = None
    wheels: Path | None = None
    seconds: float = 600.0
    most_bytes: int = 8 << 30

    def python_of(self, model: Path) -> str | Failed:
        """The interpreter of a model's environment, made if it is not there yet."""
        try:
            requirements = _requirements(model)
            if isinstance(requirements, Failed):
                return requirements
            text = "\n".join([*requirements, ""])
            told = f"{sys.version_info[:2]} {self.index} {self.wheels}\n{text}"
            place = self.cache / hashlib.sha256(told.encode()).hexdigest()
            if not place.exists() and (failed := self._made(text, place)):
                return failed
            os.utime(place)
        except OSError as error:
            return Failed(f"could not be run: its environment cannot be kept: {error}", "surroundings")
        return str(place / "bin" / "python")

    def _made(self, requirements: str, place: Path) -> Failed | None:
        """Beside its place, and put there once it is whole: whoever looks sees all of it or nothing."""
        self.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._forget_old()
        with tempfile.TemporaryDirectory(dir=self.cache, prefix="new-") as folder:
            fresh, listed = Path(folder, "env"), Path(folder, "requirements.txt")
            listed.write_text(requirements, encoding="utf-8")
            uv = _uv()
            if uv is None:
                return Failed(
                    "could not be run: uv, which installs its environment, is not here", "surroundings"
                )
            steps = (
                [uv, "venv", "--no-config", "--relocatable", "--python", sys.executable, str(fresh)],
                [uv, "pip", "install", "--no-config", "--only-binary", ":all:", "--python", str(fresh),
                 *self._source(), "--requirement", str(listed)],
            )  # fmt: skip
            for step in steps:
                if failed := self._run(step, Path(folder)):
                    return failed
            if not place.exists():
                fresh.rename(place)
        return None

    def _source(self) -> Sequence[str]:
        if self.wheels is not None:
            return ["--no-index", "--find-links", str(self.wheels)]
        return [] if self.index is None else ["--index-url", self.index]

    def _run(self, command: Sequence[str], folder: Path) -> Failed | None:
        """One step, within its time and size; uv is given nothing of our environment."""
        environment = {
            "PATH": os.defpath,
            "HOME": str(folder),
            "UV_CACHE_DIR": str(folder / "uv"),
            "LANG": "C.UTF-8",
        }
        log = folder / "log"
        with log.open("wb") as printed:
            process = subprocess.Popen(  # noqa: S603 uv, with arguments of our own
                command, env=environment, cwd=folder, stdout=printed, stderr=printed, start_new_session=True
            )
            late = self._watched(process, folder)
        words = log.read_text(encoding="utf-8", errors="replace")[-20_000:]
        if late is not None:
            return Failed(f"could not be run: its environment {late}", "surroundings")
        return None if process.returncode == 0 else _failed(words)

    def _watched(self, process: subprocess.Popen[bytes], folder: Path) -> str | None:
        """Waits; says what was too much, if so."""
        deadline, said = time.monotonic() + self.seconds, None
        while process.poll() is None and said is None:
            time.sleep(0.05)
            if time.monotonic() > deadline:
                said = f"was not installed within {self.seconds:g} s"
            elif written(folder, self.most_bytes) > self.most_bytes:
                said = f"is larger than {self.most_bytes / (1 << 30):.1f} GiB"
        if said is not None:
            with contextlib.suppress(ProcessLookupError):  # it may have ended meanwhile
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return said

    def _forget_old(self) -> None:
        kept = [path for path in self.cache.iterdir() if not path.name.startswith("new-")]
        for path in sorted(kept, key=lambda path: -path.stat().st_mtime)[KEPT - 1 :]:
            if time.time() - path.stat().st_mtime > 3600:  # noqa: PLR2004 an hour: no run takes so long
                shutil.rmtree(path, ignore_errors=True)


def _requirements(model: Path) -> list[str] | Failed:
    """Sorted, each a name with versions; what the scorer needs is among them."""
    listed = model / "requirements.txt"
    if listed.is_symlink() or not listed.is_file() or listed.stat().st_size > MOST_BYTES:
        return Failed("has no requirements.txt that could be read, and its policy says env: model")
    found: dict[str, str] = {}
    for line in listed.read_text(encoding="utf-8", errors="replace").splitlines():
        text = line.partition(" #")[0].strip()
        if not text or text.startswith("#"):
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            return Failed(f"cannot be given its environment: '{text[:80]}' is no requirement of a package")
        if requirement.url:
            return Failed(
                f"cannot be given its environment: '{text[:80]}' comes by address, not from the index"
            )
        found[canonicalize_name(requirement.name)] = str(requirement)
    return sorted({**{name: name for name in NEEDED}, **found}.values())


def _failed(words: str) -> Failed:
    """Whose fault it is that uv failed: a network away is ours, what no index can satisfy is the model's."""
    last, low = " ".join(words.split())[-300:], words.lower()
    theirs = any(sign in low for sign in _UNSATISFIABLE) and not any(sign in low for sign in _UNREACHABLE)
    return Failed(
        f"could not be run: its environment does not install: {last}",
        "candidate" if theirs else "surroundings",
    )


def _uv() -> str | None:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv")
