import pytest

from policies.decide import decide
from policies.evaluate import evaluate
from policies.evidence.gap import Gap
from policies.verdicts import Answer, Step, Vote
from tests.policies.made import NOON, compared, decided, evidence, policy_of, vote

RMSE = "{metric: rmse, max: 5}"
MAE = "{metric: mae, compared_to: champion, margin: 2%}"
STRICT_MAE = "{metric: mae, compared_to: champion, margin: 2%, on_inconclusive: reject}"
GOOD, BAD, UNKNOWN = {"rmse": 4.0}, {"rmse": 6.0}, {"rmse": Gap(reason="the hold-out is gone")}
UNCLEAR = {"mae_compared": compared(2.42, 2.4)}


@pytest.mark.parametrize(
    ("gates", "findings", "answer", "reason"),
    [
        pytest.param([RMSE], GOOD, "promote", "1 of 1 gates passed", id="pass"),
        pytest.param([RMSE], BAD, "reject", "rmse was 6.00, at most 5.00 allowed, on 10,377 rows", id="fail"),
        pytest.param([RMSE], UNKNOWN, "hold", "rmse: the hold-out is gone", id="error"),
        pytest.param([MAE], UNCLEAR, "ask", "mae against champion: mae was 2.42", id="inconclusive"),
        pytest.param(
            [STRICT_MAE], UNCLEAR, "reject", "mae against champion: mae was 2.42", id="inconclusive rejects"
        ),
        pytest.param([MAE, RMSE], UNCLEAR | BAD, "reject", "rmse was 6.00", id="fail before inconclusive"),
        pytest.param(
            [MAE, RMSE], UNCLEAR | UNKNOWN, "hold", "rmse: the hold-out", id="error before inconclusive"
        ),
        pytest.param(
            [STRICT_MAE, RMSE], UNCLEAR | UNKNOWN, "hold", "rmse: the hold", id="error before unlikely"
        ),
        pytest.param(
            ["{loads: within 1s}", RMSE], UNKNOWN, "reject", "loads: loading", id="fail before error"
        ),
        pytest.param([], {}, "ask", "no gate was judged, so nothing speaks for a promotion", id="no gate"),
        pytest.param(
            ["{metric: rmse, max: 5, severity: warn}"],
            GOOD,
            "ask",
            "no gate was judged",
            id="only a warning judged",
        ),
        pytest.param(
            ["{metric: rmse, max: 5, severity: warn}", "{signature: required}"],
            BAD,
            "promote",
            "2 gates passed",
            id="a warning does not block",
        ),
    ],
)
def test_the_worst_verdict_decides(gates, findings, answer, reason):
    said = decided(gates, evidence(**findings))
    assert said.answer == answer
    assert reason in said.reasons[0]


def test_a_warning_is_told_all_the_same():
    said = decided(["{metric: rmse, max: 5, severity: warn}", "{signature: required}"], evidence(**BAD))
    assert said.reasons[-1] == "warning: rmse was 6.00, at most 5.00 allowed, on 10,377 rows"


@pytest.mark.parametrize(
    ("rule", "votes", "answer", "asked"),
    [
        pytest.param({"approvals": 1}, [], "ask", ("anyone (1)",), id="nobody yet"),
        pytest.param({"approvals": 1}, ["zoe"], "promote", (), id="one is enough"),
        pytest.param({"approvals": 2}, ["zoe", "ZOE "], "ask", ("anyone (1)",), id="twice the same"),
        pytest.param({"approvals": 2}, ["zoe", "bob"], "promote", (), id="two"),
        pytest.param({"approvals": 1}, ["Author"], "ask", ("anyone (1)",), id="the author"),
        pytest.param({"approvals": "[{from: [pricing]}]"}, ["linus"], "ask", ("pricing (1)",), id="outsider"),
        pytest.param({"approvals": "[{from: [pricing]}]"}, ["Ada"], "promote", (), id="member"),
        pytest.param(
            {"approvals": "[{from: [nobody]}]"}, ["ada"], "ask", ("nobody (1)",), id="unknown group"
        ),
        pytest.param(
            {"approvals": "[{from: [pricing]}, {from: [risk]}]"},
            ["grace"],
            "ask",
            ("risk (1)",),
            id="one for one entry",
        ),
        pytest.param(
            {"approvals": "[{from: [pricing]}, {from: [risk]}]"},
            ["grace", "ada"],
            "promote",
            (),
            id="grace moves over",
        ),
        pytest.param(
            {"approvals": "[{count: 2, from: [pricing, risk]}]"},
            ["linus"],
            "ask",
            ("pricing or risk (1)",),
            id="either",
        ),
    ],
)
def test_approvals_are_waited_for(rule, votes, answer, asked):
    said = decided([RMSE], evidence(**GOOD), votes, authors={"author"}, **rule)
    assert (said.answer, said.asked) == (answer, asked)
    assert said.missing_approvals == len(asked)


@pytest.mark.parametrize(
    ("rule", "votes", "answer"),
    [
        pytest.param({"approvals": 1}, [("zoe", Vote.REJECT)], "reject", id="a no"),
        pytest.param({"approvals": 1}, [("zoe", Vote.REJECT), "bob"], "reject", id="a no beside a yes"),
        pytest.param(
            {"approvals": 1},
            [("zoe", Vote.REJECT, 1), ("zoe", Vote.APPROVE, 2)],
            "promote",
            id="mind changed",
        ),
        pytest.param(
            {"approvals": 1}, [("zoe", Vote.APPROVE, 2), ("zoe", Vote.REJECT, 1)], "promote", id="told late"
        ),
        pytest.param({"approvals": 1}, [("zoe", Vote.REJECT), ("zoe", Vote.APPROVE)], "reject", id="at once"),
        pytest.param({"approvals": 1}, [("Author ", Vote.REJECT)], "ask", id="the author's no"),
        pytest.param({"approvals": "[{from: [risk]}]"}, [("ada", Vote.REJECT)], "ask", id="an outsider's no"),
        pytest.param({"approvals": 0}, [("zoe", Vote.REJECT)], "reject", id="a no that nobody asked for"),
    ],
)
def test_a_reviewer_can_say_no(rule, votes, answer):
    assert decided([RMSE], evidence(**GOOD), votes, authors={"author"}, **rule).answer == answer


@pytest.mark.parametrize("changed", ["evidence_digest", "policy_digest"])
def test_an_approval_of_anything_else_is_void(changed):
    policy = policy_of([RMSE], approvals=1)
    rule = policy.transitions[0]
    evaluation = evaluate(policy, rule, evidence(**GOOD))
    old = vote(evaluation, "zoe", **{changed: "0" * 64})
    assert (
        decide(policy, rule, evaluation, [old], authors=frozenset(), groups={}, moment=NOON).answer
        is Answer.ASK
    )


def test_an_approval_settles_what_the_data_cannot_say():
    said = decided([MAE], evidence(**UNCLEAR), ["zoe"])
    assert said.answer is Answer.PROMOTE
    assert said.reasons[-1] == "approved by zoe"


def test_an_approval_does_not_mend_a_failed_gate():
    assert decided([RMSE], evidence(**BAD), ["zoe"], approvals=1).answer is Answer.REJECT


@pytest.mark.parametrize(
    ("rule", "votes", "answer"),
    [
        pytest.param({}, [], "ask", id="asks by default, though no approval is declared"),
        pytest.param({}, ["zoe"], "promote", id="one person will do"),
        pytest.param({"approvals": 2}, ["zoe"], "ask", id="as many as declared"),
        pytest.param({"first_version": "promote"}, [], "promote", id="by itself"),
        pytest.param(
            {"first_version": "promote", "approvals": 1}, [], "promote", id="by itself without approvals"
        ),
    ],
)
def test_a_first_version_goes_by_what_the_policy_says(rule, votes, answer):
    said = decided([RMSE, MAE], evidence(champion=False, **GOOD), votes, **rule)
    assert (said.answer, said.rubber_stamp) == (answer, True)


@pytest.mark.parametrize(
    ("gates", "findings", "answer"),
    [
        pytest.param([RMSE, MAE], BAD, "reject", id="a failed gate"),
        pytest.param([RMSE, MAE], UNKNOWN, "hold", id="a gate not judged"),
        pytest.param([MAE], {}, "ask", id="nothing judged"),
        pytest.param([], {}, "ask", id="no gates"),
    ],
)
def test_a_first_version_goes_by_itself_only_past_judged_gates(gates, findings, answer):
    seen = evidence(champion=False, **findings)
    assert decided(gates, seen, approvals=1, first_version="promote").answer == answer


FOLLOW = {
    "on_pass": "[{transition: production}, {alias: champion}, {notify: a}]",
    "on_fail": "[{transition: archived}, {notify: b}]",
}
UP = Step(kind="transition", target="Production", archive_existing=True)


@pytest.mark.parametrize(
    ("findings", "steps"),
    [
        (GOOD, (UP, Step(kind="alias", target="champion"), Step(kind="notify", target="a"))),
        (BAD, (Step(kind="transition", target="Archived"), Step(kind="notify", target="b"))),
        (UNKNOWN, ()),
    ],
    ids=["promote", "reject", "hold"],
)
def test_steps_follow_the_answer(findings, steps):
    assert decided([RMSE], evidence(**findings), **FOLLOW).steps == steps


@pytest.mark.parametrize(("findings", "answer", "channel"), [(GOOD, "promote", "a"), (BAD, "reject", "b")])
def test_audit_mode_answers_alike_and_moves_nothing(findings, answer, channel):
    policy = policy_of([RMSE], **FOLLOW).model_copy(update={"mode": "audit"})
    evaluation = evaluate(policy, policy.transitions[0], evidence(**findings))
    said = decide(policy, policy.transitions[0], evaluation, authors=frozenset(), groups={}, moment=NOON)
    assert said.answer == answer
    assert said.steps == (Step(kind="notify", target=channel),)
    assert said.reasons[-1] == "audit mode: nothing is moved"


def test_an_evaluation_of_another_text_is_not_decided_on():
    policy, other = policy_of([RMSE]), policy_of([RMSE], approvals=0)
    evaluation = evaluate(policy, policy.transitions[0], evidence(**GOOD))
    with pytest.raises(ValueError, match="not of p, Staging -> Production, as it stands now"):
        decide(other, other.transitions[0], evaluation, authors=frozenset(), groups={}, moment=NOON)


def test_what_several_gates_say_alike_is_told_once():
    gone = Gap(reason="the candidate did not load", fault="candidate")
    seen = evidence(rmse=gone, mae=gone)
    said = decided(["{metric: rmse, max: 5}", "{metric: mae, max: 5}"], seen)
    assert said.reasons[0] == "rmse, mae: the candidate did not load"
