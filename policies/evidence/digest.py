"""Digests of values: equal values, equal digest, whichever release wrote them."""

import hashlib
import json

from registry.words import Value


def digest_of(value: Value) -> str:
    """SHA-256 of a value's JSON with sorted keys and sets, in hex.

    Defaults are left out: a field that a later version adds does not change what was said without it.
    """
    plain = json.loads(value.model_dump_json(exclude_defaults=True))
    return hashlib.sha256(json.dumps(_sorted(plain), sort_keys=True).encode()).hexdigest()


def _sorted(plain: object) -> object:
    """Lists that were sets have no order of their own; authors and aliases are the only ones."""
    if isinstance(plain, dict):
        return {k: sorted(v) if k in {"authors", "aliases"} else _sorted(v) for k, v in plain.items()}
    if isinstance(plain, list):
        return [_sorted(item) for item in plain]
    return plain
