"""Reads a hold-out: rows with a known target that no model was trained on.

Where they lie and how their files are parsed is `validation.reading`'s. Which rows can be judged is decided
here; what a model is fed of them, in `validation.inputs`.
"""

from dataclasses import dataclass
from datetime import datetime
from os import PathLike, fspath

from validation.addresses import HoldoutInvalid, shown
from validation.arrays import Floats, Integers
from validation.judged import judged
from validation.reading import read
from validation.rows import Rows
from validation.targets import Classes


@dataclass(frozen=True, eq=False)
class Holdout:
    """Rows to be judged: `inputs` and `target` match row by row.

    The index of `inputs` is the row's place in the file, or among all rows of a folder, from 0. `digest` is
    the SHA-256 of exactly what was read (`validation.reading`), `dropped` counts rows left out because their
    target is not a finite number. `days` numbers the day of each row in UTC, where the data is said to have a
    column of times. `written` is when a file of it last changed; None where nobody tells.
    """

    name: str
    inputs: Rows
    target: Floats
    digest: str
    dropped: int = 0
    days: Integers | None = None
    target_name: str = "target"
    classes: Classes | None = None
    """What `target` numbers, where it is of classes that are named."""
    written: datetime | None = None

    @property
    def rows(self) -> int:
        """How many rows are judged."""
        return len(self.target)


def read_holdout(
    address: str | PathLike[str],
    *,
    name: str,
    target: str,
    min_rows: int = 1,
    day: str | None = None,
    classes: Classes | None = None,
) -> Holdout:
    """Read .csv, .csv.gz or .parquet, or a folder of them. Raises HoldoutInvalid.

    Fewer than `min_rows` that can be judged are invalid, too. `day` names the column of times by whose days
    the rows are taken together; `classes` are those that the target may be of, where the policy says so.
    """
    where = fspath(address)
    path = shown(where)
    found = read(where, lambda chunks: judged(chunks, path, target, day=day, classes=classes))
    taken = found.taken
    holdout = Holdout(
        name=name,
        inputs=taken.inputs,
        target=taken.target,
        digest=found.digest,
        dropped=taken.dropped,
        days=taken.days,
        target_name=target,
        classes=taken.classes,
        written=found.written,
    )
    _check_size(holdout, path, target, min_rows)
    return holdout


def _check_size(holdout: Holdout, path: str, target: str, min_rows: int) -> None:
    total = holdout.rows + holdout.dropped
    if total == 0:
        raise HoldoutInvalid(f"{path} has a header and no rows")
    if holdout.rows == 0:
        raise HoldoutInvalid(f"none of the {total:,} rows of {path} has a number or class in '{target}'")
    if holdout.rows < min_rows:
        without = (
            f" ({holdout.dropped:,} without a number or class in '{target}' left out)"
            if holdout.dropped
            else ""
        )
        raise HoldoutInvalid(f"{path} has {holdout.rows:,} rows to judge{without}, {min_rows:,} are needed")
