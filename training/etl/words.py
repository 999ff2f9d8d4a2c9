"""The few words of SQL that the engines do not share, each with the same meaning in both. Pure.

Whoever adds an engine writes these; everything else of the ETL is SQL that DuckDB and Spark read alike.
"""

from dataclasses import dataclass
from typing import Final

_DIGITS: Final = "[0-9]+(_[0-9]+)*"
_NUMBER: Final = rf"^\\s*[+-]?({_DIGITS}\\.?({_DIGITS})?|\\.{_DIGITS})([eE][+-]?{_DIGITS})?\\s*$"
"""What DuckDB reads as a finite number; Java would take 1f and 0x1p3 for numbers, too."""


@dataclass(frozen=True)
class Words:
    """One engine's words, with `{0}` for what they are said of.

    `bare` is a text without blanks and quotes around it, `number` the number in a text or NULL, `time` the
    moment in a text of 19 characters or NULL, `seconds` a moment cut to whole seconds, `weekday` the day of
    the week of `pickup_datetime`, Monday being 0.
    """

    bare: str
    number: str
    time: str
    seconds: str
    weekday: str


DUCKDB: Final = Words(
    # Nearly no cell needs trimming, and trimming costs as much as all else that is done to a row.
    bare="""CASE WHEN {0} LIKE ' %' OR {0} LIKE '"%' OR {0} LIKE '% ' OR {0} LIKE '%"'"""
    """ THEN trim({0}, ' "') ELSE {0} END""",
    number="""coalesce(try_cast({0} AS DOUBLE), try_cast(trim({0}, ' "') AS DOUBLE))""",
    time="try_cast({0} AS TIMESTAMP)",
    seconds="date_trunc('second', make_timestamp(epoch_us({0})))",
    weekday="(isodow(pickup_datetime) - 1)",
)

SPARK: Final = Words(
    bare="""btrim({0}, ' "')""",
    number=f"""CASE WHEN btrim({{0}}, ' "') RLIKE '{_NUMBER}'"""
    """ THEN try_cast(replace(btrim({0}, ' "'), '_', '') AS DOUBLE) END""",
    time="try_cast({0} AS TIMESTAMP_NTZ)",
    seconds="CAST(date_trunc('second', {0}) AS TIMESTAMP_NTZ)",
    weekday="weekday(pickup_datetime)",
)
