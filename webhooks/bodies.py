"""Reads a delivery's body strictly: it has one meaning or none. Pure; what it means is the dialects' matter.

Refused with a sentence: what is not UTF-8 or not JSON, a key given twice (readers differ on which counts),
NUL and halves of surrogate pairs in what is kept (PostgreSQL cannot hold the one, UTF-8 not the other).
"""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from webhooks.errors import DeliveryInvalid

NAME_MAX = 1000
VERSION_MAX = 2**31 - 1
_VERSION_DIGITS = 10
_SHOWN = 80


def read_object(body: bytes | str) -> Mapping[str, Any]:
    """The JSON object that a body is. Raises DeliveryInvalid."""
    try:
        told = json.loads(body.decode() if isinstance(body, bytes) else body, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise DeliveryInvalid(f"the body is not JSON: {error}") from error
    return mapping(told, "the body")


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    """A value that must be a JSON object. Raises DeliveryInvalid, saying where it stands."""
    if not isinstance(value, dict):
        raise DeliveryInvalid(f"{where} must be a JSON object, not {type(value).__name__}")
    return value


def text(data: Mapping[str, Any], key: str, *, limit: int | None = NAME_MAX) -> str:
    """A text that must be there, of 1 to `limit` characters. Raises DeliveryInvalid."""
    value = data.get(key)
    if not isinstance(value, str) or not value or (limit is not None and len(value) > limit):
        raise DeliveryInvalid(f"'{key}' must be text of 1 to {limit or 'any number of'} characters")
    if not _can_be_kept(value):
        raise DeliveryInvalid(f"'{key}' has a NUL character or half of a surrogate pair: it cannot be kept")
    return value


def texts(data: Mapping[str, Any], *keys: str, limit: int | None = NAME_MAX) -> dict[str, str]:
    """Those of the keys that are there and not empty. Raises DeliveryInvalid."""
    return {key: text(data, key, limit=limit) for key in keys if data.get(key) not in (None, "")}


def name_if_any(data: Mapping[str, Any], key: str) -> str:
    """The name in something that is not ours to judge; empty where there is no usable one."""
    value = data.get(key)
    return value[:NAME_MAX] if isinstance(value, str) and _can_be_kept(value) else ""


def version(data: Mapping[str, Any]) -> int:
    """A model version's number. Raises DeliveryInvalid."""
    digits = str(data.get("version", ""))
    usable = digits.isascii() and digits.isdigit() and len(digits) <= _VERSION_DIGITS
    if not (usable and 0 < int(digits) <= VERSION_MAX):
        raise DeliveryInvalid("'version' must be a whole number from 1 up, as text")
    return int(digits)


def _can_be_kept(value: str) -> bool:
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        [(key, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise DeliveryInvalid(f"the key {key[:_SHOWN]!a} is given twice")
    return told
