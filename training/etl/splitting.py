"""Which split a trip falls to, by its key alone: it stays there when the file grows. Pure.

MD5 for its lasting bits, which every engine knows, not for safety. Its hexadecimal digits are compared as
text, so that no engine has to make a number of them.
"""

import itertools
from typing import Final

SPLITS: Final = {"train": 0.60, "validation": 0.15, "holdout": 0.25}
"""Shares of the trips that are kept."""
_BUCKETS: Final = 2**32


def bucket_of(key: str) -> str:
    """SQL for what decides on a key's split."""
    return f"md5({key})"


def split_of(bucket: str) -> str:
    """SQL for the split of a bucket, as its place in `SPLITS`."""
    upto = list(itertools.accumulate(SPLITS.values()))[:-1]
    cases = [f"WHEN {bucket} < '{_hex(share)}' THEN {_code(split)}" for split, share in enumerate(upto)]
    return f"CASE {' '.join(cases)} ELSE {_code(len(upto))} END"


def drawn(key: str, share: float) -> str:
    """SQL that holds for about this share of the keys, by bits that say nothing of the split.

    A larger share holds for all that a smaller one holds for.
    """
    return f"right(md5({key}), 8) < '{_hex(share)}'" if share < 1 else "TRUE"


def _hex(share: float) -> str:
    return f"{round(share * _BUCKETS):08x}"


def _code(split: int) -> str:
    return f"CAST({split} AS TINYINT)"
