"""What comes back from a run: values, and the reading of the one file a model's process leaves.

Reasons are the rest of a sentence that begins with the model: "the candidate " + "did not load within 30 s".
"""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from validation.arrays import Floats, Table
from validation.targets import MOST_CLASSES


@dataclass(frozen=True)
class Failed:
    """The run gave nothing; `fault` as in `policies.evidence.gap`."""

    reason: str
    fault: Literal["candidate", "surroundings"] = "candidate"


@dataclass(frozen=True)
class Loaded:
    """The model loaded; `answered` if it had an input example or rows to answer, and did."""

    seconds: float
    answered: bool


@dataclass(frozen=True, eq=False)
class Scored:
    """One prediction per row asked: a number, NaN or an infinity; or several, of shape (rows, classes)."""

    predictions: Floats | Table
    load_s: float
    predict_s: float


@dataclass(frozen=True, eq=False)
class Timed:
    """Calls one after the other, the model warm: how long each took, and what it answered."""

    seconds: Floats
    answers: Sequence[Floats | Table]


@dataclass(frozen=True)
class Run:
    """One model in one process: how it loaded, and its answers by the names of tables and of timed calls.

    `memory_bytes` is the most that was resident above what was before the model; None where nobody can see.
    """

    loading: Loaded | Failed
    scores: Mapping[str, Scored | Failed]
    timings: Mapping[str, Timed | Failed] = field(default_factory=dict)
    memory_bytes: int | None = None

    @classmethod
    def failed(
        cls, failed: Failed, tables: Mapping[str, object], calls: Mapping[str, object] | None = None
    ) -> "Run":
        """Nothing came of it, for one reason."""
        return cls(failed, dict.fromkeys(tables, failed), dict.fromkeys(calls or {}, failed))


class AnswerInvalid(Exception):
    """What came back is not what was asked for."""


def read_answer(path: Path, rows: int, classes: int | None = None) -> Floats | Table:
    """Raw little-endian float64, because a format without a header has no header to lie in.

    One figure a row, or as many as there are `classes`; of any number of them where that is not known. The
    model's process may have put anything there: a link, a pipe, a file without end.
    """
    try:
        with open(path, "rb", opener=_open_warily) as file:
            facts = os.fstat(file.fileno())
            columns = facts.st_size // (8 * rows)
            known = (1, classes) if classes else range(1, MOST_CLASSES + 1)
            if not stat.S_ISREG(facts.st_mode) or facts.st_size != 8 * rows * columns or columns not in known:
                raise AnswerInvalid(
                    f"left {facts.st_size:,} bytes as its answer, {8 * rows:,} were asked for"
                )
            predictions = np.frombuffer(file.read(facts.st_size), dtype="<f8").astype(np.float64)
    except OSError as error:
        raise AnswerInvalid("said that it had answered, and left no answer") from error
    if len(predictions) != rows * columns:
        raise AnswerInvalid("changed its answer while it was read")
    return predictions if columns == 1 else predictions.reshape(rows, columns)


def _open_warily(path: str, flags: int) -> int:
    """Follow no link, and wait for nobody at the other end of a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
