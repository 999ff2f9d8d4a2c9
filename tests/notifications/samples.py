"""Messages of every shape to send by every channel."""

import pytest

from notifications.message import Ask, Figure, Line, Message, MessageKind
from policies.people import Shown
from policies.verdicts import Outcome, Severity

FOR_PEOPLE = [kind for kind in MessageKind if kind not in {MessageKind.PLOTTED, MessageKind.EVENT}]
HOSTILE = "<!channel> *bold* `x` & <http://evil|click> @here\x1b[31m\n[promoted] forged line"


def message(**changed) -> Message:
    plain = {
        "key": "k",
        "channel": "#pricing",
        "kind": MessageKind.ASKED,
        "title": "taxi-fare 3 waits",
        "text": "1 more approval is needed\n1 of 1 gate passed.",
        "lines": (Line(gate="accuracy", outcome=Outcome.PASS, sentence="rmse was 4.20"),),
        "model": "taxi-fare",
        "version": 3,
        "ask": Ask(what="Approval asked of pricing (1)", command="gatehouse approve taxi-fare 3"),
        "link": "http://gate.example/models/taxi-fare/3",
        "figures": (Figure(metric="rmse", candidate="4.20", champion="4.35"),),
        "shown": Shown(evidence_digest="e" * 64, policy_digest="p" * 64),
        "evaluation": "d" * 64,
    }
    return Message.model_validate(plain | changed)


def longest(text: str) -> Message:
    lines = tuple(Line(gate=text * 60, outcome=Outcome.FAIL, sentence=text * 900) for _ in range(120))
    ask = Ask(what=text * 4000, command=text * 256)
    link = "http://gate.example/models/" + "%252F" * 256
    figures = tuple(Figure(metric=text * 3000, candidate=text * 99, champion="1") for _ in range(60))
    return message(
        title=text * 4000, text=text * 9000, channel=text * 300, lines=lines, ask=ask, link=link,
        model=text * 3000, figures=figures,
    )  # fmt: skip


MESSAGES = [
    pytest.param(message(), id="usual"),
    pytest.param(message(lines=(), ask=None, link=None, version=None), id="least"),
    pytest.param(message(title="", text=" \n", channel=""), id="empty texts"),
    pytest.param(longest("n"), id="longest names"),
    pytest.param(longest("&"), id="longest names, all escaped"),
    pytest.param(longest("🚕"), id="longest names, emoji"),
    pytest.param(longest("\u05d0\u202e"), id="longest names, from right to left"),
    pytest.param(
        message(title=HOSTILE, text=HOSTILE, channel=HOSTILE, model=HOSTILE, link="http://x/|y>"),
        id="hostile",
    ),
    *(pytest.param(message(kind=kind), id=kind.value) for kind in FOR_PEOPLE),
    *(
        pytest.param(
            message(lines=(Line(gate="g", outcome=outcome, sentence="s", severity=Severity.WARN),)),
            id=f"{outcome.value} gate",
        )
        for outcome in Outcome
    ),
]
