"""Message -> a title and a text for services that may read mark-up. Pure.

What they read it by differs (HTML is escaped by Apprise, Markdown and mentions are not), so whatever could
call people together is broken by a character without width.
"""

import re

from notifications.message import Message

TITLE = 200
LINES_MAX = 40
LINE = 400
TEXT = 4000
_CALLS = re.compile(r"@(?=everyone|here|channel|all|team)|<(?=[!@#])|\]\(|!\[", re.IGNORECASE)
_APART = "\N{WORD JOINER}"


def plain_title(message: Message) -> str:
    """The title, on one line."""
    return _tame(" ".join(message.title.split()) or "-", TITLE)


def plain_body(message: Message) -> str:
    """Why, what is asked, figures, link, and the verdicts last: if anything is cut, it is they."""
    told = [_tame(message.text, TEXT)]
    if message.ask:
        told.append(_tame(f"{message.ask.what}\n{message.ask.command}", TEXT))
    if message.figures:
        figures = (f"{f.metric}: {f.candidate}, the champion's {f.champion}" for f in message.figures)
        told.append(_tame("\n".join(figures), TEXT))
    if message.link:
        told.append(message.link)
    rows = [_tame(f"{line.outcome}: {line.gate}: {line.sentence}", LINE) for line in message.lines]
    told += ["\n".join([*rows[:LINES_MAX], *(["…"] if rows[LINES_MAX:] else [])])] if rows else []
    return "\n\n".join(part for part in told if part.strip()) or "-"


def _tame(text: str, limit: int) -> str:
    printable = "".join(c for c in text if c.isprintable() or c == "\n")
    tame = _CALLS.sub(lambda found: found.group()[0] + _APART + found.group()[1:], printable)
    return tame if len(tame) <= limit else tame[: limit - 1] + "…"
