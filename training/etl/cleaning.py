"""What is kept of trips and why a row is dropped, written once, as SQL that every engine reads alike. Pure.

Cells become numbers and moments; whatever is in them, a row is dropped and counted, or kept.
"""

from typing import Final

from training.etl.columns import BROKEN, COLUMNS, KEY, NUMBERS, REASON, SPLIT, TIME
from training.etl.shape import Kind, Shape
from training.etl.splitting import bucket_of, split_of
from training.etl.words import Words

BROKEN_LINE: Final = "broken line"
MISSING: Final = "missing value"
UNREADABLE: Final = "not a number"
_OUTSIDE: Final = {
    "coordinates outside": (
        "NOT (pickup_longitude BETWEEN -75 AND -73 AND dropoff_longitude BETWEEN -75 AND -73"
        " AND pickup_latitude BETWEEN 39 AND 42 AND dropoff_latitude BETWEEN 39 AND 42)"
    ),
    "fare outside": "NOT (fare_amount > 0 AND fare_amount <= 250)",
    "identical points": "pickup_longitude = dropoff_longitude OR pickup_latitude = dropoff_latitude",
}
"""The clean step of the case study."""
REASONS: Final = (BROKEN_LINE, MISSING, UNREADABLE, *_OUTSIDE)
"""Why a row is dropped; a row is counted under the first reason that holds."""
_LARGEST: Final = "3.4028234e38"
"""That a float32 holds; NaN, being larger than any number to both engines, is beyond it."""


def cell(name: str) -> str:
    """Name the column of `cells` that holds what the file says of a column."""
    return f"{name}_cell"


def judged(cells: str, shape: Shape, words: Words) -> str:
    """A query that types every row of `cells`, with the reason it is dropped for (NULL: kept) and its split.

    Blank cells are looked for only in rows that are not readable: nearly none, and it is what costs most.
    """
    blank = " OR ".join(_blank(name, shape, words) for name in COLUMNS)
    readable = " AND ".join(
        [f"{KEY} <> ''", f"year({TIME}) >= 1", *(f"abs({name}) <= {_LARGEST}" for name in NUMBERS)]
    )
    outside = " ".join(f"WHEN {condition} THEN '{reason}'" for reason, condition in _OUTSIDE.items())
    return f"""
        SELECT {KEY}, {TIME}, {", ".join(NUMBERS)}, {split_of("bucket")} AS {SPLIT},
            CASE WHEN {BROKEN} THEN '{BROKEN_LINE}' WHEN {readable} THEN CASE {outside} END
                WHEN {blank} THEN '{MISSING}' ELSE '{UNREADABLE}' END AS {REASON}
        FROM (SELECT *, {bucket_of(KEY)} AS bucket, {_settled(shape, words)} AS {TIME} FROM (
            SELECT *, {_key(shape, words)} AS {KEY}, {_moment(shape, words)} AS moment,
                {", ".join(f"{_number(name, shape, words)} AS {name}" for name in NUMBERS)}
            FROM {cells}) AS typed) AS settled
    """  # noqa: S608 of our own words only


def _key(shape: Shape, words: Words) -> str:
    text = cell(KEY) if shape.kinds[KEY] is Kind.TEXT else f"CAST({cell(KEY)} AS STRING)"
    return words.bare.format(text)


def _number(name: str, shape: Shape, words: Words) -> str:
    if shape.kinds[name] is not Kind.TEXT:
        return f"CAST({cell(name)} AS DOUBLE)"
    text = f"replace({cell(name)}, ',', '.')" if shape.decimal_comma else cell(name)
    return words.number.format(text)


def _moment(shape: Shape, words: Words) -> str:
    """The times say UTC and are New York's local ones, so whatever follows the seconds is cut off."""
    if shape.kinds[TIME] is Kind.MOMENT:
        return words.seconds.format(cell(TIME))
    return words.time.format(f"left({cell(TIME)}, 19)")


def _settled(shape: Shape, words: Words) -> str:
    """The moment, where writing it down gives the text again: engines read more, each in its own way."""
    if shape.kinds[TIME] is Kind.MOMENT:
        return "moment"
    text = f"replace(left({words.bare.format(cell(TIME))}, 19), 'T', ' ')"
    other = words.time.format(text)
    return (
        f"CASE WHEN CAST(moment AS STRING) = left({cell(TIME)}, 19) THEN moment"
        f" WHEN CAST({other} AS STRING) = {text} THEN {other} END"
    )


def _blank(name: str, shape: Shape, words: Words) -> str:
    if shape.kinds[name] is Kind.TEXT:
        return f"coalesce({words.bare.format(cell(name))}, '') = ''"
    return f"{cell(name)} IS NULL"
