"""What the plug-in needs to know. Read by hand: MLflow's image brings no settings library."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from registry.server_plugin.errors import SettingsInvalid

PATH = "/webhooks/gatehouse"
PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
"""As Standard Webhooks has it."""


@dataclass(frozen=True)
class Settings:
    """Where changes are delivered to, and the key they are signed with."""

    url: str
    key: bytes = field(repr=False)


def read(environ: Mapping[str, str]) -> Settings:
    """The settings in an environment. Raises SettingsInvalid, which says what to set; it quotes no secret."""
    return Settings(_url(environ.get("GATEHOUSE_RECEIVER_URL", "")), _key(environ))


def _url(told: str) -> str:
    try:
        parts = urlsplit(told)
        host = (parts.hostname or "").encode("idna")
        usable = parts.scheme in {"http", "https"} and bool(host) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsInvalid(
            "set GATEHOUSE_RECEIVER_URL to the address of the receiver, such as http://127.0.0.1:8000"
        )
    return told.rstrip("/") + PATH


def _key(environ: Mapping[str, str]) -> bytes:
    # The receiver takes several, while one is replaced; the first is the one in use.
    told = next(iter(environ.get("GATEHOUSE_PLUGIN_SECRET", "").replace(",", " ").split()), "")
    try:
        key = base64.b64decode(told.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not told.startswith(PREFIX) or len(key) not in KEY_BYTES:
        raise SettingsInvalid(
            f"set GATEHOUSE_PLUGIN_SECRET to '{PREFIX}' and the base64 of {KEY_BYTES[0]} to {KEY_BYTES[-1]} "
            "bytes, the same here and at the receiver"
        )
    return key
