"""Soak, freeze and requests for approval: what a decision says as time goes by, the evidence being equal."""

from datetime import datetime, timedelta

import pytest

from policies.moment import Moment
from policies.verdicts import Answer, Vote
from tests.policies.made import NOON, compared, decided, evidence

RMSE = "{metric: rmse, max: 5}"
GOOD, BAD = {"rmse": 4.0}, {"rmse": 6.0}
FREEZE = '{timezone: UTC, windows: [{name: weekend, from: "Fri 15:00", to: "Mon 09:00"}]}'
NOW = NOON.now


def ago(**span):
    return NOW - timedelta(**span)


def at(text):
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("entered", "answer"),
    [
        pytest.param(ago(hours=23, minutes=59), "hold", id="a minute short"),
        pytest.param(ago(hours=24), "promote", id="to the second"),
        pytest.param(None, "hold", id="nobody saw it come"),
        pytest.param(NOW + timedelta(hours=1), "hold", id="a clock that goes ahead"),
    ],
)
def test_a_version_soaks_for_its_time(entered, answer):
    said = decided([RMSE], evidence(**GOOD), moment=Moment(now=NOW, entered=entered), soak="24h")
    assert said.answer == answer
    assert said.until == (None if answer == "promote" else (entered or NOW) + timedelta(hours=24))


def test_a_soak_says_until_when():
    said = decided([RMSE], evidence(**GOOD), moment=Moment(now=NOW, entered=ago(hours=1)), soak="90m")
    assert said.reasons == (
        "soaks until Wed 25 Nov 2026 12:30 UTC: 90m in staging first",
        "1 of 1 gates passed",
    )


@pytest.mark.parametrize(
    ("now", "soak", "reasons", "until"),
    [
        pytest.param("2026-11-27T15:00", None, ["frozen"], "2026-11-30T09:00", id="frozen"),
        pytest.param("2026-11-27T14:59", None, [], None, id="not yet"),
        pytest.param("2026-11-27T14:00", "2h", ["soaks", "frozen"], "2026-11-30T09:00", id="soaks into the freeze"),
        pytest.param("2026-11-30T08:00", "2h", ["soaks"], "2026-11-30T10:00", id="soaks out of the freeze"),
    ],
)  # fmt: skip
def test_the_time_to_wait_for_is_when_neither_soak_nor_freeze_holds(now, soak, reasons, until):
    rule = {"freeze": FREEZE} | ({"soak": soak} if soak else {})
    said = decided([RMSE], evidence(**GOOD), moment=Moment(now=at(now), entered=at(now)), **rule)
    assert [reason.split()[0] for reason in said.reasons[:-1]] == reasons
    assert said.until == (until and at(until))


@pytest.mark.parametrize(
    ("findings", "rule", "votes", "answer"),
    [
        pytest.param(BAD, {}, [], "reject", id="a failed gate is told at once"),
        pytest.param(GOOD, {"approvals": 1}, [], "ask", id="people are asked meanwhile"),
        pytest.param(GOOD, {"approvals": 1}, ["zoe"], "hold", id="then it waits"),
        pytest.param(GOOD, {"approvals": 1}, [("zoe", Vote.REJECT)], "reject", id="a no counts at once"),
    ],
)
def test_the_time_is_asked_last(findings, rule, votes, answer):
    moment = Moment(now=at("2026-11-28T12:00"))
    assert decided([RMSE], evidence(**findings), votes, moment=moment, freeze=FREEZE, **rule).answer == answer


TIMED = "[{from: [pricing], expires: 72h, remind: 24h}, {from: [risk], remind: 36h}]"


@pytest.mark.parametrize(
    ("hours", "votes", "answer", "until", "reminder"),
    [
        pytest.param(0, [], "ask", 24, None, id="just asked"),
        pytest.param(23.9, [], "ask", 24, None, id="not yet due"),
        pytest.param(24, [], "ask", 36, 24, id="the first reminder"),
        pytest.param(40, [], "ask", 48, 36, id="the other entry's"),
        pytest.param(40, ["ada"], "ask", 72, 36, id="who has answered is not reminded"),
        pytest.param(71, [], "ask", 72, 48, id="before it expires"),
        pytest.param(72, [], "reject", None, None, id="not answered in time"),
        pytest.param(500, ["ada"], "ask", 504, 468, id="the entry that expires was answered"),
        pytest.param(500, ["linus"], "reject", None, None, id="it was not"),
        pytest.param(500, ["ada", "linus"], "promote", None, None, id="both were"),
    ],
)
def test_requests_are_reminded_of_and_expire(hours, votes, answer, until, reminder):
    asked = ago(hours=hours)
    moment = Moment(now=NOW, entered=asked, asked=asked)
    said = decided([RMSE], evidence(**GOOD), votes, moment=moment, approvals=TIMED)
    assert said.answer == answer
    assert said.until == (until and asked + timedelta(hours=until))
    assert said.reminder == (reminder and asked + timedelta(hours=reminder))


def test_a_request_that_expired_says_who_was_asked_and_when():
    moment = Moment(now=NOW, asked=ago(hours=72))
    said = decided([RMSE], evidence(**GOOD), moment=moment, approvals=TIMED)
    assert said.reasons[0] == "no approval by pricing (1) within 3d: asked on Sun 22 Nov 2026 12:00 UTC"


ESCALATED = "[{from: [pricing], expires: 72h, escalate: {after: 24h, to: [risk]}}]"


@pytest.mark.parametrize(
    ("hours", "votes", "answer", "asked", "until"),
    [
        pytest.param(0, [], "ask", "pricing (1)", 24, id="just asked"),
        pytest.param(23.9, ["linus"], "ask", "pricing (1)", 24, id="not yet theirs to say"),
        pytest.param(24, [], "ask", "pricing or risk (1)", 72, id="nobody answered"),
        pytest.param(24, ["linus"], "promote", "", None, id="they may answer now"),
        pytest.param(23, [("linus", Vote.REJECT)], "ask", "pricing (1)", 24, id="a no before their time"),
        pytest.param(24, [("linus", Vote.REJECT)], "reject", "", None, id="a no in their time"),
        pytest.param(72, [], "reject", "", None, id="they did not answer either"),
    ],
)
def test_others_are_asked_when_nobody_answers(hours, votes, answer, asked, until):
    begun = ago(hours=hours)
    said = decided(
        [RMSE],
        evidence(**GOOD),
        votes,
        moment=Moment(now=NOW, entered=begun, asked=begun),
        approvals=ESCALATED,
    )
    assert (said.answer, ", ".join(said.asked)) == (answer, asked)
    assert said.until == (until and begun + timedelta(hours=until))


UNCLEAR = "{{metric: mae, compared_to: champion, margin: 2%{}}}"


@pytest.mark.parametrize(
    ("gate", "rule", "answer"),
    [
        ("", {}, "ask"),
        ("", {"on_inconclusive": "reject"}, "reject"),
        ("", {"on_inconclusive": "hold"}, "hold"),
        (", on_inconclusive: ask", {"on_inconclusive": "reject"}, "ask"),
        (", on_inconclusive: hold", {"on_inconclusive": "reject"}, "hold"),
        (", on_inconclusive: reject", {"on_inconclusive": "hold"}, "reject"),
    ],
)
def test_what_the_data_cannot_say_goes_as_the_gate_says_or_else_the_rule(gate, rule, answer):
    said = decided([UNCLEAR.format(gate)], evidence(mae_compared=compared(2.42, 2.4)), **rule)
    assert said.answer == answer
    assert said.until is None


def test_the_clock_alone_makes_no_other_decision():
    one, other = (
        decided(
            [RMSE],
            evidence(**GOOD),
            moment=Moment(now=at(now), asked=at("2026-11-24T00:00")),
            approvals=TIMED,
        )
        for now in ("2026-11-24T00:00", "2026-11-25T12:00")
    )
    assert one.says_the_same(other)
    assert one != other
    assert not one.says_the_same(one.model_copy(update={"answer": Answer.HOLD}))
