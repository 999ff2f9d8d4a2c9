"""What every dialect's verification is made of: signatures under any of several secrets, and age. Pure.

Several secrets are valid at once so that one can be replaced while deliveries are under way.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable
from typing import Protocol

ID_MAX = 200
_DIGITS = 12


class Headers(Protocol):
    """What came along with a body; asked for in lower case."""

    def get(self, name: str, default: str, /) -> str:
        """One header's text."""


def signed_by_any(keys: Iterable[bytes], message: bytes, given: Iterable[bytes]) -> bool:
    """Whether one of the given HMAC-SHA256 signatures is of one of the keys, at the same pace for all."""
    signatures = list(given)
    wanted = [hmac.digest(key, message, "sha256") for key in keys]
    same = [hmac.compare_digest(mine, theirs) for mine in wanted for theirs in signatures]
    return any(same)


def from_base64(given: str) -> bytes:
    """The bytes, or none where it is no base64: no signature is empty."""
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return b""


def from_hex(given: str) -> bytes:
    """The bytes, or none where it is no hexadecimal."""
    try:
        return binascii.unhexlify(given)
    except (binascii.Error, ValueError):
        return b""


def is_fresh(timestamp: str, *, now: float, tolerance_s: float) -> bool:
    """Whether a text of unix seconds is at most so far from now, before or after."""
    usable = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _DIGITS
    return usable and abs(now - int(timestamp)) <= tolerance_s
