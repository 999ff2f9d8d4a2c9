"""What reviewers read, and that one fact has one key."""

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.message import Message, MessageKind, page_of
from notifications.render import render, render_problem, render_unguarded
from policies.verdicts import (
    Answer,
    Decision,
    Evaluation,
    Outcome,
    Severity,
    Step,
    Transition,
    Verdict,
)
from registry.words import Stage, VersionFacts

CONSOLE = "http://gate.example"
TO_PRODUCTION = Transition(from_stage=Stage.STAGING, to_stage=Stage.PRODUCTION)
PASSED = Verdict(gate="accuracy", outcome=Outcome.PASS, sentence="rmse was 4.20, at most 5.00 allowed")
FAILED = Verdict(
    gate="mae", outcome=Outcome.FAIL, sentence="mae was 9.10, at most 3.00 allowed, on 10,377 rows"
)
WARNED = Verdict(gate="size", outcome=Outcome.FAIL, sentence="the model has 90 MB", severity=Severity.WARN)


def facts(version: int = 3, name: str = "taxi-fare", **logged: float) -> VersionFacts:
    return VersionFacts(name=name, version=version, source=f"runs:/{version}", logged=logged)


def evaluation(*verdicts: Verdict, digest: str = "e1", rubber_stamp: bool = False) -> Evaluation:
    return Evaluation(
        policy="taxi-fare",
        policy_digest="p1",
        evidence_digest=digest,
        transition=TO_PRODUCTION,
        verdicts=verdicts,
        rubber_stamp=rubber_stamp,
    )


def ask(missing: int = 1, *asked: str) -> Decision:
    reasons = (f"{missing} more approval is needed",)
    return Decision(
        answer=Answer.ASK, reasons=reasons, missing_approvals=missing, asked=asked or ("pricing (1)",)
    )


def told(decision: Decision, **changed: Any) -> Message:
    given_ = {
        "evaluation": evaluation(PASSED),
        "candidate": facts(),
        "champion": facts(1),
        "console_url": CONSOLE,
        "channel": "#pricing",
    } | changed
    return render(decision, **given_)


def test_a_rejection_says_why_first():
    message = told(
        Decision(answer=Answer.REJECT, reasons=(FAILED.sentence,)), evaluation=evaluation(PASSED, FAILED)
    )
    assert message.kind is MessageKind.REJECTED
    assert message.title == "taxi-fare 3 is rejected for Production"
    assert message.text.splitlines()[0] == "mae was 9.10, at most 3.00 allowed, on 10,377 rows"


def test_the_verdict_table_stands_worst_first_and_else_in_the_policys_order():
    second = PASSED.model_copy(update={"gate": "zeta"})
    skipped = Verdict(gate="champion", outcome=Outcome.SKIP, sentence="there is no champion yet")
    message = told(ask(), evaluation=evaluation(skipped, second, PASSED, FAILED))
    assert [line.gate for line in message.lines] == ["mae", "zeta", "accuracy", "champion"]


def test_an_ask_says_what_is_asked_of_whom_and_the_command():
    message = told(ask(1, "pricing (1)"))
    assert message.kind is MessageKind.ASKED
    assert message.title == "taxi-fare 3 waits for approval to go to Production"
    assert "The champion is version 1." in message.text
    assert str(message.ask).startswith(
        "Approval asked of pricing (1): gatehouse approve taxi-fare 3 --as NAME --comment '…' --seen "
    )
    assert message.link == "http://gate.example/models/taxi-fare/3"


def test_an_ask_over_an_inconclusive_gate_counts_no_approvals():
    message = told(Decision(answer=Answer.ASK, reasons=("rmse cannot be told apart",)))
    assert message.ask is not None
    assert message.ask.what == "A decision asked of anyone but its author"


@pytest.mark.parametrize(
    ("decision", "title", "follows"),
    [
        pytest.param(
            Decision(
                answer=Answer.PROMOTE,
                reasons=("all gates passed",),
                steps=(
                    Step(kind="transition", target="Production", archive_existing=True),
                    Step(kind="alias", target="champion"),
                    Step(kind="notify", target="#pricing"),
                ),
            ),
            "taxi-fare 3 goes to Production",
            "Next: the version moves to Production, alias 'champion' is set, "
            "the one there before is archived.",
            id="moves",
        ),
        pytest.param(
            Decision(
                answer=Answer.PROMOTE,
                reasons=("all gates passed",),
                steps=(Step(kind="notify", target="#pricing"),),
            ),
            "taxi-fare 3 may go to Production",
            "Nothing is moved.",
            id="audit mode",
        ),
        pytest.param(
            Decision(
                answer=Answer.REJECT,
                reasons=("too bad",),
                steps=(Step(kind="transition", target="Archived"),),
            ),
            "taxi-fare 3 is rejected for Production",
            "Next: the version moves to Archived.",
            id="rejected and archived",
        ),
    ],
)
def test_what_follows_is_said(decision: Decision, title: str, follows: str):
    message = told(decision)
    assert message.title == title
    assert message.text.splitlines()[-1] == follows
    assert message.ask is None


def test_a_hold_says_what_could_not_be_told_and_promises_no_move():
    message = told(Decision(answer=Answer.HOLD, reasons=("the hold-out is missing",)))
    assert message.kind is MessageKind.HELD
    assert message.text == ("the hold-out is missing\n1 of 1 gate passed.\nThe champion is version 1.")


def test_warnings_and_missing_gates_are_counted_in_words():
    assert "1 of 2 gates passed, 1 warning." in told(ask(), evaluation=evaluation(PASSED, WARNED)).text
    assert "No gate was judged." in told(ask(), evaluation=evaluation()).text


def test_a_first_version_is_said_to_have_nothing_to_compare_with():
    message = told(ask(), champion=None, evaluation=evaluation(PASSED, rubber_stamp=True))
    assert "There is no champion yet to compare with." in message.text


def test_doing_the_same_work_again_gives_the_same_message():
    assert told(ask()) == told(ask())


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"candidate": facts(4)}, id="version"),
        pytest.param({"candidate": facts(3, name="other")}, id="model"),
        pytest.param({"channel": "author"}, id="channel"),
        pytest.param({"evaluation": evaluation(PASSED, digest="e2")}, id="evidence"),
        pytest.param(
            {"evaluation": evaluation(PASSED).model_copy(update={"policy_digest": "p2"})}, id="policy text"
        ),
        pytest.param(
            {
                "evaluation": evaluation(PASSED).model_copy(
                    update={"transition": Transition(from_stage=Stage.NONE, to_stage=Stage.STAGING)}
                )
            },
            id="transition",
        ),
    ],
)
def test_another_fact_has_another_key(changed: dict):
    assert told(ask(), **changed).key != told(ask()).key


def test_fewer_missing_approvals_are_told_again():
    assert told(ask(2, "pricing (2)")).key != told(ask(1, "pricing (1)")).key


def test_a_hold_for_the_same_reason_is_told_once_though_evidence_is_gathered_again():
    held = Decision(answer=Answer.HOLD, reasons=("the hold-out is missing",))
    assert told(held).key == told(held, evaluation=evaluation(PASSED, digest="e2")).key
    other = Decision(answer=Answer.HOLD, reasons=("out of memory",))
    assert told(held).key != told(other).key


def test_a_model_without_policy_is_reported_once_for_all_its_versions():
    first = render_unguarded("churn", 1, console_url=CONSOLE, channel="#ml")
    second = render_unguarded("churn", 2, console_url=CONSOLE, channel="#ml")
    assert first.key == second.key
    assert first.kind is MessageKind.UNGUARDED
    assert "no policy names churn" in first.text
    assert first.key != render_unguarded("fraud", 1, console_url=CONSOLE, channel="#ml").key


def test_a_problem_is_told_once_per_sentence():
    def problem(sentence: str) -> Message:
        return render_problem("churn", None, sentence, console_url=CONSOLE, channel="log")

    assert problem("two policies claim churn").key == problem("two policies claim churn").key
    assert problem("two policies claim churn").key != problem("the files are gone").key
    assert problem("the files are gone").link == "http://gate.example/models/churn"


@given(name=st.text(min_size=1))
def test_the_approve_command_is_one_shell_command_whatever_the_model_is_called(name: str):
    message = told(ask(), candidate=facts(name=name))
    assert message.ask is not None
    words = shlex.split(message.ask.command)
    assert words[:2] == ["gatehouse", "approve"]
    assert [w for w in words[2:] if w not in {"--as", "NAME", "--comment", "…", "--"} or w == name].count(
        name
    ) >= 1
    assert words.index(name, 2) > (words.index("--") if name.startswith("-") else 1)


@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_link_holds_a_name_as_one_segment(name: str):
    path = page_of(CONSOLE + "/", name, 3).removeprefix(CONSOLE)
    parts = path.split("/")
    assert (parts[0], parts[1], parts[3]) == ("", "models", "3")
    assert len(parts) == 4
    assert parts[2].isascii()
    assert set(parts[2]) - set(".")


def test_a_message_survives_its_json():
    message = told(ask(), evaluation=evaluation(PASSED, FAILED))
    assert Message.model_validate_json(message.model_dump_json()) == message
