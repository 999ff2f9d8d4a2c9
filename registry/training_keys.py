"""The keys of the rows that a model was trained on, as a Bloom filter: small, and it forgets none of them.

A trainer logs it beside the profile as the run's artifact `training-keys.bloom`. One line of JSON, then the
bits. A key's places are (a + i b) mod 2^64 mod bits for i = 0, 1, ...: a and b are the first two 64-bit words
(little-endian) of the SHA-256 of its text, b made odd. Pure.
"""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from registry.words import Value

KEYS_FILE: Final = "training-keys.bloom"
MOST_KEYS_BYTES: Final = (16 << 20) + 4096
_MOST_BITS: Final = 16 << 23
_BITS_A_KEY: Final = 44
"""One of a billion others is taken for a key; beyond three million keys there are fewer bits for each."""
_LEAST_BITS: Final = 1 << 22
"""In fewer, two keys too often agree in both of their words, and so in all places."""
_BATCH: Final = 100_000
_Bits = NDArray[np.bool_]


class KeysInvalid(Exception):
    """The file is none of keys, or cells are no keys; the sentence says why."""


class _Header(Value):
    format: Literal[1] = 1
    column: str
    keys: Annotated[int, Field(ge=1, strict=True)]
    bits: Annotated[int, Field(ge=8, le=_MOST_BITS, multiple_of=8, strict=True)]
    hashes: Annotated[int, Field(ge=1, le=64, strict=True)]


@dataclass(frozen=True, eq=False)
class TrainingKeys:
    """Which keys may have been trained on: all that were, and of others a share of `rate`."""

    column: str
    keys: int
    rate: float
    _hashes: int
    _bits: _Bits

    def hold(self, texts: list[str]) -> NDArray[np.bool_]:
        """Of each key, whether it may have been trained on."""
        return np.concatenate(
            [self._bits[_places(some, self._hashes, len(self._bits))].all(axis=1) for some in _batches(texts)]
            or [np.zeros(0, np.bool_)]
        )


def key_text(cell: object) -> str:
    """How a key is written: words as they are, whole numbers in digits. Raises KeysInvalid for others."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    raise KeysInvalid(f"{cell!r:.40} is neither a text nor a whole number")


def write_keys(column: str, cells: Iterable[object]) -> bytes:
    """The file of at least one key. Raises KeysInvalid."""
    texts = list({key_text(cell) for cell in cells})
    if not texts:
        raise KeysInvalid("there are no keys")
    size = min(_MOST_BITS, max(_LEAST_BITS, len(texts) * _BITS_A_KEY // 8 * 8))
    hashes = max(1, min(30, round(size / len(texts) * math.log(2))))
    bits = np.zeros(size, np.bool_)
    for some in _batches(texts):
        bits[_places(some, hashes, size)] = True
    header = _Header(column=column, keys=len(texts), bits=size, hashes=hashes)
    return header.model_dump_json().encode() + b"\n" + np.packbits(bits, bitorder="little").tobytes()


def read_keys(raw: bytes) -> TrainingKeys:
    """The keys in a file that anybody may have written. Raises KeysInvalid."""
    line, _, body = raw[:MOST_KEYS_BYTES].partition(b"\n")
    try:
        header = _Header.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = ".".join(map(str, first["loc"])) or "its first line"
        raise KeysInvalid(f"{KEYS_FILE} holds no keys: {at}: {first['msg']}"[:300]) from error
    if len(body) * 8 != header.bits:
        raise KeysInvalid(f"{KEYS_FILE} has {len(body) * 8:,} bits and says {header.bits:,}")
    bits = np.unpackbits(np.frombuffer(body, np.uint8), bitorder="little").astype(np.bool_)
    if not bits.any():
        raise KeysInvalid(f"{KEYS_FILE} says that it has {header.keys:,} keys, and has none")
    rate = min(1.0, float(bits.mean()) ** header.hashes + header.keys / header.bits**2)
    return TrainingKeys(header.column, header.keys, rate, header.hashes, bits)


def _batches(texts: list[str]) -> Iterable[list[str]]:
    return (texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH))


def _places(texts: list[str], hashes: int, bits: int) -> NDArray[np.uint64]:
    """Of shape (keys, hashes)."""
    digests = b"".join(hashlib.sha256(text.encode()).digest()[:16] for text in texts)
    words = np.frombuffer(digests, "<u8").reshape(-1, 2).astype(np.uint64)
    steps = np.arange(hashes, dtype=np.uint64)
    return (words[:, :1] + steps * (words[:, 1:] | np.uint64(1))) % np.uint64(bits)
