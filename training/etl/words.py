"""The few words of SQL that the engines do not share, each with the same meaning in both. Pure.

Whoever adds an engine writes these; everything else of the ETL is SQL that DuckDB and Spark read alike.
"""

from dataclasses import dataclass
from typing import Final

_DIGITS: Final = "[0-9]+(_[0-9]+)*"
_NUMBER: Final = (
    rf"^[ \"]*(\\s*[+-]?({_DIGITS}\\.?({_DIGITS})?|\\.{_DIGITS})([eE][+-]?{_DIGITS})?\\s*)[ \"]*$"
)
"""What DuckDB reads as a finite number; Java would take 1f and 0x1p3 for numbers, too."""
_PLAIN: Final = "^-?[0-9]{{1,3}}([.][0-9]{{1,17}})?$"
"""Nearly all cells are such a number, and to tell costs a fraction of the other expression."""
_FULL_TIME: Final = "^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}$"


@dataclass(frozen=True)
class Words:
    """One engine's words, with `{0}` for what they are said of.

    `number` is the number in a text or NULL, `time` the moment in a text of 19 characters or NULL, `in_full`
    whether `{text}` is how `{moment}` is written out, `seconds` a moment cut to whole seconds, `nanoseconds`
    the same of one that Parquet holds in nanoseconds, `weekday` the day of the week of `pickup_datetime`,
    Monday being 0.
    """

    number: str
    time: str
    in_full: str
    seconds: str
    nanoseconds: str
    weekday: str


DUCKDB: Final = Words(
    number="""coalesce(try_cast({0} AS DOUBLE), try_cast(trim({0}, ' "') AS DOUBLE))""",
    time="try_cast({0} AS TIMESTAMP)",
    in_full="CAST({moment} AS STRING) = {text}",
    seconds="date_trunc('second', make_timestamp(epoch_us({0})))",
    nanoseconds="date_trunc('second', make_timestamp(epoch_ns({0}) // 1000))",
    weekday="(isodow(pickup_datetime) - 1)",
)

SPARK: Final = Words(
    number=f"try_cast(CASE WHEN {{0}} RLIKE '{_PLAIN}' THEN {{0}}"
    f" ELSE replace(regexp_extract({{0}}, '{_NUMBER}', 1), '_', '') END AS DOUBLE)",
    time="try_cast({0} AS TIMESTAMP_NTZ)",
    in_full=f"{{moment}} IS NOT NULL AND {{text}} RLIKE '{_FULL_TIME}'",
    seconds="CAST(date_trunc('second', {0}) AS TIMESTAMP_NTZ)",
    # Spark has no such moments, and reads them as numbers.
    nanoseconds="CAST(timestamp_seconds(({0} - pmod({0}, 1000000000)) div 1000000000) AS TIMESTAMP_NTZ)",
    weekday="weekday(pickup_datetime)",
)
