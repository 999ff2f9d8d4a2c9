"""Message -> Slack's blocks and fallback text, within Slack's limits, with nobody's mark-up but ours. Pure.

Limits: header 150 characters, section text 3000, 50 blocks, and about 13,000 characters in all
(https://docs.slack.dev/reference/block-kit/blocks, https://github.com/slackapi/bolt-js/issues/2509).
Names and sentences come from strangers, so they only stand in `plain_text` and preformatted rich text, where
Slack reads no mentions and no emphasis; `&`, `<` and `>` are escaped besides.
"""

from collections.abc import Iterable
from typing import Any

from notifications.message import Line, Message, MessageKind
from policies.verdicts import Outcome, Severity

HEADER = 150
SECTION = 3000
FALLBACK = 600
# What a message may use of Slack's total, so that every part of the longest one still has its place.
TEXT = 2000
TABLE = 5000
LINE = 400
ASK = 600
COMMAND = 2000
LINK = 1500

ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
KIND_SIGNS = {
    MessageKind.ASKED: "🙋",
    MessageKind.PROMOTED: "🚀",
    MessageKind.REJECTED: "⛔",
    MessageKind.HELD: "⏸️",
    MessageKind.UNGUARDED: "👀",
    MessageKind.PROBLEM: "🛠️",
    MessageKind.VOIDED: "↩️",
    MessageKind.OVERRIDE: "🚨",
}
OUTCOME_SIGNS = {
    Outcome.PASS: "✅",
    Outcome.FAIL: "❌",
    Outcome.INCONCLUSIVE: "❔",
    Outcome.ERROR: "💥",
    Outcome.SKIP: "⏭️",
}

Block = dict[str, Any]


def fallback(message: Message) -> str:
    """The text of the notification, and of clients that draw no blocks."""
    return escaped(f"{message.title}. {message.text}", FALLBACK)


def blocks(message: Message) -> list[Block]:
    """Title, why, verdict table, what is asked, and the link."""
    drawn = [
        {"type": "header", "text": _plain(f"{KIND_SIGNS[message.kind]} {message.title}", HEADER)},
        _section(message.text, TEXT),
        *(_section(chunk) for chunk in _table(message.lines)),
    ]
    if message.ask:
        drawn += [_section(f"👉 {message.ask.what}", ASK), _preformatted(message.ask.command)]
    return [*drawn, {"type": "context", "elements": _context(message)}]


def escaped(text: str, limit: int) -> str:
    """Slack's three escapes; at most `limit` characters after escaping, never ending inside an escape."""
    characters = [ESCAPES.get(c, c) for c in text]
    if sum(map(len, characters)) <= limit:
        return "".join(characters)
    return "".join(_upto(characters, limit - 1)) + "…"


def _upto(characters: Iterable[str], limit: int) -> Iterable[str]:
    used = 0
    for character in characters:
        used += len(character)
        if used > limit:
            return
        yield character


def _plain(text: str, limit: int) -> Block:
    # Slack refuses a text object without any text.
    return {"type": "plain_text", "text": escaped(text.strip() or "-", limit), "emoji": False}


def _section(text: str, limit: int = SECTION) -> Block:
    return {"type": "section", "text": _plain(text, limit)}


def _preformatted(text: str) -> Block:
    """Rich text is literal: Slack neither parses nor unescapes it."""
    element = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text[:COMMAND]}]}
    return {"type": "rich_text", "elements": [element]}


def _context(message: Message) -> list[Block]:
    """For whom, and the link: a link too long to stand whole would lead nowhere, so it is left out."""
    told = _plain(f"for {message.channel}", HEADER)
    address = escaped(message.link or "", SECTION).replace("|", "%7C")
    if not 0 < len(address) <= LINK:
        return [told]
    return [told, {"type": "mrkdwn", "text": f"<{address}|Open in Gatehouse>", "verbatim": True}]


def _table(lines: tuple[Line, ...]) -> list[str]:
    """The verdict lines, packed into as few sections as hold them; what does not fit is counted."""
    chunks: list[str] = []
    used = 0
    for index, line in enumerate(lines):
        row = _row(line)
        width = len(escaped(row, SECTION)) + 1
        used += width
        if used > TABLE:
            return [*chunks, f"… and {len(lines) - index} more gates, on the page."]
        if chunks and len(escaped(chunks[-1], 2 * SECTION)) + width <= SECTION:
            chunks[-1] += f"\n{row}"
        else:
            chunks.append(row)
    return chunks


def _row(line: Line) -> str:
    warns = line.severity is Severity.WARN and line.outcome is Outcome.FAIL
    sign = "⚠️" if warns else OUTCOME_SIGNS[line.outcome]
    row = f"{sign} {line.gate}: {line.sentence}"
    return row if len(row) <= LINE else row[: LINE - 1] + "…"
