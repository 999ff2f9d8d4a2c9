"""Keeps what models answered to data sets, so that a champion is not asked again what it was asked before.

One file for the answers of one model to one data set, named by the digest of all that they depend on: another
byte in the model, the data or the code that asks makes another name. Written by the worker and never by a
model's process. What is read is believed if it is whole, and is judged like answers that came just now.
"""

import contextlib
import hashlib
import logging
import os
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from validation.arrays import Floats
from validation.columns import block, blocks, column, give_back
from validation.holdout import Holdout

log = logging.getLogger(__name__)

_ASKED_BY = (
    *("scorer.py", "plain_answers.py", "large_batches.py"),
    *("feeding.py", "inputs.py", "casts.py", "rows.py", "spool.py"),
    *("judged.py", "targets.py", "reading.py", "parsing.py"),
)
_ANSWERED_BY = (
    "mlflow",
    "tensorflow",
    "tensorflow-cpu",
    "keras",
    "scikit-learn",
    "numpy",
    "pandas",
    "pyarrow",
)
_DIGEST_BYTES = hashlib.sha256().digest_size


def digest_of_model(folder: Path) -> str:
    """Of every file's path and bytes below a folder; of a link, where it leads. Raises OSError."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            what, content = "link", hashlib.sha256(os.fsencode(path.readlink()))
        elif path.is_file():
            what = "file"
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256")
        else:
            continue
        name = os.fsencode(path.relative_to(folder)).hex()
        whole.update(f"{what} {name} {content.hexdigest()}\n".encode())
    return whole.hexdigest()


def digest_of_rows(holdout: Holdout) -> str:
    """Of the file's bytes, and of which of its rows are asked, and in which order."""
    places = hashlib.sha256()
    for batch in holdout.inputs.places:
        places.update(batch.to_numpy(dtype="<i8").tobytes())
    told = f"{holdout.digest} {holdout.target_name} {places.hexdigest()}"
    return hashlib.sha256(told.encode()).hexdigest()


def digest_of_asking(python: str) -> str:
    """Of our own code that asks a model, of the libraries that answer, and of the interpreter's path."""
    ours = (Path(__file__).with_name(name).read_bytes() for name in _ASKED_BY)
    told = [hashlib.sha256(code).hexdigest() for code in ours]
    return hashlib.sha256("\n".join([python, *told, *map(_version, _ANSWERED_BY)]).encode()).hexdigest()


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} none"


class KeptAnswers:
    """A folder of answers, no larger than `most_bytes`: what was not asked for longest goes first."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def recall(self, *digests: str, rows: int) -> Floats | None:
        """The answers kept for exactly these digests; None if there are none, or they are not whole."""
        path = self._path(digests)
        try:
            if (answers := _opened(path, rows)) is not None:
                os.utime(path)
                return answers
            log.warning("the kept answers in %s are not whole: the model is asked again", path)
            path.unlink(missing_ok=True)
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("kept answers cannot be read, so the model is asked again: %s", error)
        return None

    def keep(self, *digests: str, answers: Floats) -> None:
        """Write them down whole or not at all; a disk that fails costs time at the next validation only."""
        path = self._path(digests)
        if _DIGEST_BYTES + 8 * len(answers) > self._most_bytes:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _appearing(path) as file:
                _seal(file, answers)
            self._make_room()
        except OSError as error:
            log.warning("answers were not kept: %s", error)

    def _path(self, digests: tuple[str, ...]) -> Path:
        return self._folder / f"{hashlib.sha256(' '.join(digests).encode()).hexdigest()}.answers"

    def _make_room(self) -> None:
        facts = []
        for path in self._folder.glob("*.answers"):
            with contextlib.suppress(FileNotFoundError):  # another worker made room meanwhile
                facts.append((path.stat().st_mtime_ns, path.stat().st_size, path))
        held = sum(size for _, size, _ in facts)
        for _, size, path in sorted(facts):
            if held <= self._most_bytes:
                return
            path.unlink(missing_ok=True)
            held -= size


def _seal(path: Path, answers: Floats) -> None:
    """The answers behind a digest of them and the file's name: a file that was renamed is not whole."""
    whole = hashlib.sha256(path.name.encode())
    with path.open("wb") as file:
        file.write(bytes(_DIGEST_BYTES))
        for rows in blocks(len(answers)):
            content = block(answers, rows).astype("<f8").tobytes()
            whole.update(content)
            file.write(content)
        file.seek(0)
        file.write(whole.digest())


def _opened(path: Path, rows: int) -> Floats | None:
    """What was sealed for so many rows; None if it is not whole."""
    whole = hashlib.sha256(path.name.encode())
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size != _DIGEST_BYTES + 8 * rows:
            return None
        digest, answers = file.read(_DIGEST_BYTES), column(rows)
        for some in blocks(rows):
            content = file.read(8 * (some.stop - some.start))
            whole.update(content)
            if len(content) == 8 * (some.stop - some.start):
                answers[some] = np.frombuffer(content, dtype="<f8")
            give_back(answers)
    return answers if whole.digest() == digest else None


@contextlib.contextmanager
def _appearing(path: Path) -> Iterator[Path]:
    """A file that is there under its name once it is whole."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="new-") as folder:
        new = Path(folder) / path.name
        yield new
        new.replace(path)
