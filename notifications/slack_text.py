"""Text for Slack: escaped, held to a limit, in the one kind of text object that reads no mark-up. Pure."""

from collections.abc import Iterable
from typing import Any

ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str, limit: int) -> str:
    """Slack's three escapes; at most `limit` characters after escaping, never ending inside an escape."""
    characters = [ESCAPES.get(c, c) for c in text]
    if sum(map(len, characters)) <= limit:
        return "".join(characters)
    return "".join(_upto(characters, limit - 1)) + "…"


def plain(text: str, limit: int) -> dict[str, Any]:
    """A text object; Slack refuses one without any text."""
    return {"type": "plain_text", "text": escaped(text.strip() or "-", limit), "emoji": False}


def _upto(characters: Iterable[str], limit: int) -> Iterable[str]:
    used = 0
    for character in characters:
        used += len(character)
        if used > limit:
            return
        yield character
