"""What the columns of a file hold, which decides how its cells become numbers and moments."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Of a column's cells: a CSV has only texts."""

    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"
    NANOSECONDS = "moment in nanoseconds"


@dataclass(frozen=True)
class Shape:
    """The kind of each column, and whether texts write decimals with a comma."""

    kinds: Mapping[str, Kind]
    decimal_comma: bool = False
