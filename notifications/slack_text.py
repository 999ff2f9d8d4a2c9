"""Text for Slack: escaped, held to a limit, in the one kind of text object that reads no mark-up. Pure."""

from collections.abc import Iterable
from typing import Any

KEPT = "\n\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
"""Line breaks, and what emoji and some scripts are joined with."""
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str, limit: int) -> str:
    """Slack's three escapes; at most `limit` characters after escaping, never ending inside an escape."""
    characters = [ESCAPES.get(c, c) for c in visible(text)]
    if sum(map(len, characters)) <= limit:
        return "".join(characters)
    return "".join(_upto(characters, limit - 1)) + "…"


def visible(text: str) -> str:
    """Without what nobody sees: control characters, and marks that turn the direction of what follows."""
    return "".join(c if c.isprintable() or c in KEPT else " " for c in text)


def plain(text: str, limit: int) -> dict[str, Any]:
    """A text object; Slack refuses one without any text."""
    return {"type": "plain_text", "text": escaped(visible(text).strip() or "-", limit), "emoji": False}


def _upto(characters: Iterable[str], limit: int) -> Iterable[str]:
    used = 0
    for character in characters:
        used += len(character)
        if used > limit:
            return
        yield character
