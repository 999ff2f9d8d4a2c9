"""What only the browser that is signed in can open: the ledger keeps it, and its cookie is the key. Pure."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet


def seal(secret: str, found: dict[str, Any]) -> str:
    """As the ledger keeps it."""
    return _lock(secret).encrypt(json.dumps(found).encode()).decode()


def unseal(secret: str, sealed: str) -> dict[str, Any]:
    """As it was. Raises cryptography.fernet.InvalidToken for another secret's."""
    found: dict[str, Any] = json.loads(_lock(secret).decrypt(sealed))
    return found


def _lock(secret: str) -> Fernet:
    """A key of its own: the digest by which the ledger knows the cookie must not open anything."""
    return Fernet(urlsafe_b64encode(sha256(b"sealed with " + secret.encode()).digest()))
