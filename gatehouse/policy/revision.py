"""Policy files as they stood at a revision of the git checkout that they lie in."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@contextmanager
def at_revision(path: Path, revision: str) -> Iterator[Path]:
    """A copy of a file or folder as of a revision, for as long as one looks. Raises UsageError."""
    folder, name = (path, ".") if path.is_dir() else (path.parent, path.name)
    commit = _git(folder, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    archive = _git(folder, "archive", "--format=tar", commit.decode().strip(), "--", name)
    with tempfile.TemporaryDirectory(prefix="gatehouse-") as copy:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(copy, filter="data")
        yield Path(copy) if name == "." else Path(copy) / name


def _git(folder: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=False)  # noqa: S603, S607 the user's own git
    except FileNotFoundError as error:
        raise click.UsageError("--since needs git, and there is none here") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise click.UsageError(f"git cannot tell how {folder} was then: {said}")
    return done.stdout
