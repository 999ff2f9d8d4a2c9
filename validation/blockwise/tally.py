"""A tally: what some rows come to, in figures that add up with those of any other rows.

So it does not matter how rows are cut into blocks, or which is counted first, but for the last bits of sums.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from validation.arrays import Floats, Integers, Table

ADDED: Final = ("rows", "first", "second", "third", "fourth")
NOWHERE: Final = np.iinfo(np.int64).max
_WAITING: Final = 64


@dataclass(frozen=True, eq=False)
class Cell:
    """The figures of one part: by unit, which is a day, or a group that rows were dealt to, or all rows.

    `added` has the shape (units, 5): the rows, and up to four sums; `most` are up to two largest figures.
    `wrong` says why there are none, as the first row does that has something to say: its place is `at`.
    """

    units: Integers
    added: Table
    most: Floats
    wrong: str = ""
    fault: str = ""
    at: int = NOWHERE


Key: TypeAlias = tuple[int, str, str]
"""The question's number, the slice, the part."""
Tally: TypeAlias = Mapping[Key, Cell]
Parts: TypeAlias = Mapping[tuple[str, str], Cell]
"""The cells of one question, by slice and part; those of all rows stand under two empty names."""
WHOLE: Final = ("", "")
UNFIT: Final = ("", "unfit")
"""Where it is told that the data set cannot be cut into its parts."""


def cell(
    units: Integers | None = None,
    rows: Integers | int = 0,
    sums: Sequence[Floats | float] = (),
    most: Sequence[float] = (),
) -> Cell:
    """Of `rows` and sums of each unit; without units, of all rows together."""
    units = np.zeros(1, dtype=np.int64) if units is None else units
    added = np.zeros((len(units), len(ADDED)))
    for number, each in enumerate((rows, *sums)):
        added[:, number] = each
    return Cell(units, added, np.array([*most, -np.inf, -np.inf][:2]))


def added_up(tallies: Iterable[Tally]) -> Tally:
    """All of them as one."""
    waiting: dict[Key, list[Cell]] = {}
    for each in tallies:
        for key, found in each.items():
            mine = waiting.setdefault(key, [])
            mine.append(found)
            if len(mine) > _WAITING:
                mine[:] = [_together(mine)]
    return {key: _together(cells) for key, cells in waiting.items()}


def _together(cells: Sequence[Cell]) -> Cell:
    if len(cells) == 1:
        return cells[0]
    first = min(cells, key=lambda each: each.at)
    units, place = np.unique(np.concatenate([each.units for each in cells]), return_inverse=True)
    added = np.zeros((len(units), len(ADDED)))
    with np.errstate(over="ignore", invalid="ignore"):
        for number, figures in enumerate(np.concatenate([each.added for each in cells]).T):
            added[:, number] = np.bincount(place, weights=figures, minlength=len(units))
    most = np.stack([each.most for each in cells]).max(axis=0)
    return Cell(units, added, most, first.wrong, first.fault, first.at)


def of_question(tally: Tally, number: int) -> Parts:
    """Its own cells."""
    return {(of_slice, part): found for (asked, of_slice, part), found in tally.items() if asked == number}
