"""Message -> Slack's blocks and fallback text, within Slack's limits, with nobody's mark-up but ours. Pure.

Limits: header 150 characters, section text 3000, 50 blocks, and about 13,000 characters in all
(https://docs.slack.dev/reference/block-kit/blocks, https://github.com/slackapi/bolt-js/issues/2509).
Names and sentences come from strangers, so they only stand in `plain_text` and preformatted rich text, where
Slack reads no mentions and no emphasis; `&`, `<` and `>` are escaped besides.
"""

from typing import Any

from notifications.message import Figure, Line, Message, MessageKind
from notifications.slack_buttons import buttons
from notifications.slack_text import escaped, plain, visible
from policies.verdicts import Outcome, Severity

HEADER = 150
SECTION = 3000
FALLBACK = 600
# What a message may use of Slack's total, so that every part of the longest one still has its place.
TEXT = 1500
FIGURES = 600
TABLE = 4500
LINE = 400
ASK = 600
COMMAND = 2000
LINK = 1500

KIND_SIGNS = {
    MessageKind.ASKED: "🙋",
    MessageKind.PROMOTED: "🚀",
    MessageKind.REJECTED: "⛔",
    MessageKind.HELD: "⏸️",
    MessageKind.UNGUARDED: "👀",
    MessageKind.PROBLEM: "🛠️",
    MessageKind.PLOTTED: "📈",
    MessageKind.EVENT: "📣",
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


def blocks(message: Message, *, plot: str | None = None, clickable: bool = False) -> list[Block]:
    """Title, why, figures, verdict table, what is asked, and the link.

    `plot` is Slack's id of a picture that was uploaded. With buttons (`clickable`) nobody needs the command.
    """
    drawn = [
        _header(message),
        _section(message.text, TEXT),
        *([_section(_figures(message.figures), FIGURES)] if message.figures else []),
        *(_section(chunk) for chunk in _table(message.lines)),
    ]
    if plot:
        drawn.append({"type": "image", "slack_file": {"id": plot}, "alt_text": "Candidate and champion"})
    if message.ask:
        answers = buttons(message) if clickable else []
        drawn += [_section(f"👉 {message.ask.what}", ASK), *(answers or [_preformatted(message.ask.command)])]
    return [*drawn, _context(message)]


def reply(message: Message) -> list[Block]:
    """What is said below a candidate's message: only what is new."""
    return [_section(f"{KIND_SIGNS[message.kind]} {message.title}", HEADER), _section(message.text, TEXT)]


def _header(message: Message) -> Block:
    return {"type": "header", "text": plain(f"{KIND_SIGNS[message.kind]} {message.title}", HEADER)}


def _section(text: str, limit: int = SECTION) -> Block:
    return {"type": "section", "text": plain(text, limit)}


def _preformatted(text: str) -> Block:
    """Rich text is literal: Slack neither parses nor unescapes it."""
    shown = visible(text)[:COMMAND] or "-"
    element = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": shown}]}
    return {"type": "rich_text", "elements": [element]}


def _context(message: Message) -> Block:
    """For whom, and the link: a link too long to stand whole would lead nowhere, so it is left out."""
    elements: list[Block] = [plain(f"for {message.channel}", HEADER)]
    address = escaped(message.link or "", SECTION).replace("|", "%7C")
    if 0 < len(address) <= LINK:
        link = {"type": "mrkdwn", "text": f"<{address}|Open in Gatehouse>", "verbatim": True}
        elements.append(link)
    return {"type": "context", "elements": elements}


def _figures(figures: tuple[Figure, ...]) -> str:
    told = (f"{each.metric}: {each.candidate}, the champion's {each.champion}" for each in figures)
    return "\n".join(told)


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
