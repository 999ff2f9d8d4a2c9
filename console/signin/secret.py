"""Secrets that we hand out: long and random, so that a plain digest of them is all that is kept. Pure."""

from hashlib import sha256

BYTES = 32
"""Of randomness in each: beyond guessing, so no slow hash is needed."""


def digest(secret: str) -> str:
    """What the ledger keeps of a secret."""
    return sha256(secret.encode()).hexdigest()
