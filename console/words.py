"""How figures, times and outcomes are written on a page. Pure."""

import math
from collections.abc import Iterable
from datetime import datetime
from html import unescape
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from console.slack_text import slack_blocks, slack_text
from notifications.message import MessageKind
from notifications.render import SIGNED, command_line
from policies.verdicts import Answer, Outcome, Severity, Verdict

MINUTE = 60
UNITS = ((86_400, "day"), (3600, "hour"), (MINUTE, "minute"))
MANY_DAYS = 60
LARGE = 1000

TONES: dict[str, set[str]] = {
    "good": {Outcome.PASS, Answer.PROMOTE, "approve", "done", "sent", MessageKind.PROMOTED},
    "bad": {Outcome.FAIL, Answer.REJECT, "failed", MessageKind.REJECTED, MessageKind.OVERRIDE},
    "odd": {Outcome.ERROR, Answer.HOLD, MessageKind.HELD, MessageKind.PROBLEM, MessageKind.VOIDED},
    "open": {Outcome.INCONCLUSIVE, Answer.ASK, "waiting", "planned", MessageKind.ASKED},
}


ICONS: dict[str, set[str]] = {
    "✓": {Outcome.PASS, "approve", "done", "sent"},
    "↑": {Answer.PROMOTE},
    "✕": {Outcome.FAIL, Answer.REJECT, "failed"},
    "!": {Outcome.ERROR},
    "≈": {Outcome.INCONCLUSIVE},
    "–": {Outcome.SKIP, "needless", "dropped", "ignored"},  # noqa: RUF001 as an empty cell has it
    "‖": {Answer.HOLD},
    "?": {Answer.ASK, "request"},
    "…": {"waiting", "planned", "comment"},
    "↶": {"withdraw"},
}
"""Colour alone tells nobody who sees none."""
KINDS = {
    "event": "↦",
    "verdict": "⚖",
    "decision": "◆",
    "approval": "✎",
    "hold": "‖",
    "action": "⚙",
    "message": "✉",
    "training": "⟳",
}


def icon(word: str) -> str:
    """The sign beside a word; none for one that has none."""
    return next((sign for sign, words in ICONS.items() if word in words), "")


def tone(word: str) -> str:
    """The colour of an outcome, answer, vote, state or kind; "plain" for any other word."""
    return next((name for name, words in TONES.items() if word in words), "plain")


def gate_tone(verdict: Verdict) -> str:
    """A gate's colour: what only warns is not drawn as what blocks."""
    warns = verdict.severity is Severity.WARN and verdict.outcome is Outcome.FAIL
    return "odd" if warns else tone(verdict.outcome)


def figure(value: float | None) -> str:
    """A figure as a reader wants it: four digits, or thousands set apart."""
    if value is None:
        return "–"  # noqa: RUF001 an empty cell's dash
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= LARGE:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def ago(at: datetime, now: datetime) -> str:
    """How long ago, or how soon, in words; the exact time stands beside it in the page's `title`."""
    seconds = (now - at).total_seconds()
    far = abs(seconds)
    if far < MINUTE:
        return "just now"
    size, name = next(unit for unit in UNITS if far >= unit[0])
    count = int(far // size)
    if name == "day" and count > MANY_DAYS:
        return f"{at:%Y-%m-%d}"
    span = f"{count} {name}{'' if count == 1 else 's'}"
    return f"{span} ago" if seconds > 0 else f"in {span}"


def exact(at: datetime) -> str:
    """The whole time, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def passed(verdicts: tuple[Verdict, ...]) -> str:
    """How many of the gates that were judged passed."""
    judged = [v for v in verdicts if v.outcome is not Outcome.SKIP]
    return f"{sum(v.outcome is Outcome.PASS for v in judged)} of {len(judged)}"


def host(address: str) -> str:
    """The name of a place on the web, for people."""
    return urlsplit(address).hostname or address


def share(fraction: float | None) -> str:
    """A fraction as a change in percent, with its sign."""
    return "–" if fraction is None else f"{100 * fraction:+.3g} %"  # noqa: RUF001 an empty cell's dash


def either(value: float | str | None) -> str:
    """A figure, a text, or the dash of an empty cell."""
    return value if isinstance(value, str) else figure(value)


def ends(interval: Iterable[float]) -> str:
    """From where to where."""
    return " to ".join(map(figure, interval))


FILTERS: dict[str, Any] = {
    "tone": tone, "gate_tone": gate_tone, "figure": figure, "ago": ago, "exact": exact, "passed": passed,
    "host": host,
    "basename": lambda path: PurePath(path).name, "either": either, "slack_blocks": slack_blocks,
    "slack_text": slack_text, "unslack": unescape, "icon": icon, "share": share, "ends": ends,
}  # fmt: skip
GLOBALS: dict[str, Any] = {
    "command_line": command_line,
    "signed": SIGNED,
    "signs": KINDS,
}
