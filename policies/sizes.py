"""Sizes as people write them and read them: `50MB` is fifty million bytes, `50MiB` somewhat more. Pure."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from policies.section import refuse
from policies.wording import shown

_BYTES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s?(B|KB|MB|GB|KiB|MiB|GiB)")


def parse_size(given: str) -> int | None:
    """Bytes; None for what is no size."""
    found = _SIZE.fullmatch(given.strip())
    return round(float(found[1]) * _BYTES[found[2]]) if found else None


def _size(given: Any) -> int:
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        raise refuse(f"{shown(given)} has no unit", f"write {given}MB, or another of KB, GB, KiB, MiB, GiB")
    size = parse_size(given) if isinstance(given, str) else None
    if not size:
        raise refuse(f"{shown(given)} is not a size", "write a number and KB, MB or GB, such as 50MB")
    return size


Bytes = Annotated[int, BeforeValidator(_size, json_schema_input_type=str)]
"""A size above zero, written with its unit."""


def in_megabytes(size: float) -> float:
    """As sentences tell sizes."""
    return size / _BYTES["MB"]
