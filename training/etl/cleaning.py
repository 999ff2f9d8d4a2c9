"""What is kept of trips and why a row is dropped, written once, as SQL that every engine reads alike. Pure.

Cells become numbers and moments; whatever is in them, a row is dropped and counted, or kept.
"""

from typing import Final

from training.etl.columns import BROKEN, COLUMNS, KEY, NUMBERS, REASON, SPLIT, TIME
from training.etl.shape import Kind, Shape
from training.etl.splitting import bucket_of, drawn, split_of
from training.etl.words import Words

BROKEN_LINE: Final = "broken line"
MISSING: Final = "missing value"
UNREADABLE: Final = "unreadable value"
_OUTSIDE: Final = {
    "coordinates outside": (
        "NOT (pickup_longitude BETWEEN -75 AND -73 AND dropoff_longitude BETWEEN -75 AND -73"
        " AND pickup_latitude BETWEEN 39 AND 42 AND dropoff_latitude BETWEEN 39 AND 42)"
    ),
    "fare outside": "NOT (fare_amount > 0 AND fare_amount <= 250)",
    "identical points": "pickup_longitude = dropoff_longitude OR pickup_latitude = dropoff_latitude",
}
"""The clean step of the case study."""
UNSAMPLED: Final = "not in the sample"
REASONS: Final = (BROKEN_LINE, MISSING, UNREADABLE, *_OUTSIDE, UNSAMPLED)
"""Why a row is dropped, each told by its place here; a row is counted under the first reason that holds."""
_LARGEST: Final = "3.4028234e38"
"""That a float32 holds; NaN, being larger than any number to both engines, is beyond it."""


def cell(name: str) -> str:
    """Name the column of `cells` that holds what the file says of a column."""
    return f"{name}_cell"


def judged(cells: str, shape: Shape, words: Words) -> str:
    """A query that types every row of `cells`, with the reason it is dropped for (NULL: kept) and its split.

    Blank cells are looked for only in rows that are not readable, in a single text: that keeps short what
    Spark makes of this for Java, which compiles no long methods.
    """
    texts = ", ".join(f"coalesce(CAST({cell(name)} AS STRING), ''), '\x01'" for name in COLUMNS)
    blank = f"""regexp_extract(concat('\x01', {texts}), '\x01[ "]*\x01', 0) <> ''"""
    readable = " AND ".join(
        [f"{KEY} <> ''", f"year({TIME}) >= 1", *(f"abs({name}) <= {_LARGEST}" for name in NUMBERS)]
    )
    outside = " ".join(f"WHEN {condition} THEN {_code(reason)}" for reason, condition in _OUTSIDE.items())
    reason = (
        f"CASE WHEN {BROKEN} THEN {_code(BROKEN_LINE)} WHEN {readable} THEN CASE {outside} END"
        f" WHEN {blank} THEN {_code(MISSING)} ELSE {_code(UNREADABLE)} END"
    )
    return f"""
        SELECT {KEY}, {TIME}, {", ".join(NUMBERS)}, {split_of("bucket")} AS {SPLIT}, {reason} AS {REASON}
        FROM (SELECT *, {bucket_of(KEY)} AS bucket, {_settled(shape, words)} AS {TIME} FROM (
            SELECT *, {_key(shape)} AS {KEY}, {_moment(shape, words)} AS moment,
                {", ".join(f"{_number(name, shape, words)} AS {name}" for name in NUMBERS)}
            FROM {cells}) AS typed) AS settled
    """  # noqa: S608 of our own words only


def thinned(share: float) -> str:
    """SQL for the reason of a judged row where only this share of the kept rows is wanted."""
    left_out = f"{REASON} IS NULL AND NOT {drawn(KEY, share)}"
    return f"CASE WHEN {left_out} THEN {_code(UNSAMPLED)} ELSE {REASON} END"


def _code(reason: str) -> str:
    return f"CAST({REASONS.index(reason)} AS TINYINT)"


def _bare(text: str) -> str:
    """Text without blanks and quotes around it: nearly none has them, and trimming costs most of all."""
    has_some = " OR ".join(f"{text} LIKE '{form}'" for form in (" %", '"%', "% ", '%"'))
    return f"""CASE WHEN {has_some} THEN trim(BOTH ' "' FROM {text}) ELSE {text} END"""


def _key(shape: Shape) -> str:
    return _bare(cell(KEY) if shape.kinds[KEY] is Kind.TEXT else f"CAST({cell(KEY)} AS STRING)")


def _number(name: str, shape: Shape, words: Words) -> str:
    if shape.kinds[name] is not Kind.TEXT:
        return f"CAST({cell(name)} AS DOUBLE)"
    text = f"replace({cell(name)}, ',', '.')" if shape.decimal_comma else cell(name)
    return words.number.format(text)


def _moment(shape: Shape, words: Words) -> str:
    """The times say UTC and are New York's local ones, so whatever follows the seconds is cut off."""
    if shape.kinds[TIME] is Kind.NANOSECONDS:
        return words.nanoseconds.format(cell(TIME))
    if shape.kinds[TIME] is Kind.MOMENT:
        return words.seconds.format(cell(TIME))
    return words.time.format(f"left({cell(TIME)}, 19)")


def _settled(shape: Shape, words: Words) -> str:
    """The moment, where it was written out in full: engines read more, each in its own way."""
    if shape.kinds[TIME] is not Kind.TEXT:
        return "moment"
    plain, other = f"left({cell(TIME)}, 19)", f"replace(left({_bare(cell(TIME))}, 19), 'T', ' ')"
    again = words.time.format(other)
    return (
        f"CASE WHEN {words.in_full.format(text=plain, moment='moment')} THEN moment"
        f" WHEN {words.in_full.format(text=other, moment=again)} THEN {again} END"
    )
