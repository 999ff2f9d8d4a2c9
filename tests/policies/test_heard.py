"""What counts of all that people say: withdrawals, requests, holds, groups of then and now. Pure."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.approvals import heard
from policies.decide import decide
from policies.evaluate import evaluate
from policies.moment import Moment
from policies.verdicts import Answer, Vote
from tests.policies.made import GROUPS, NOON, decided, evidence, policy_of, vote

RMSE = "{metric: rmse, max: 5}"
GOOD, BAD = {"rmse": 4.0}, {"rmse": 6.0}
NOW = NOON.now
YES, NO, BACK, SAYS, AGAIN, GLASS = (
    Vote(v) for v in ("approve", "reject", "withdraw", "comment", "request", "promote")
)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        pytest.param([("zoe", YES, 0), ("zoe", BACK, 1)], "ask", id="withdrawn"),
        pytest.param([("zoe", BACK, 0), ("zoe", YES, 1)], "promote", id="withdrawn before"),
        pytest.param([("zoe", YES, 0), ("zoe", BACK, 1), ("zoe", YES, 2)], "promote", id="and given again"),
        pytest.param([("zoe", YES, 0), ("zoe", BACK, 0)], "ask", id="both at the same moment"),
        pytest.param([("zoe", NO, 0), ("zoe", BACK, 1)], "ask", id="a no withdrawn"),
        pytest.param([("zoe", YES, 0), ("Zoe ", BACK, 1)], "ask", id="the same person, written otherwise"),
        pytest.param([("zoe", YES, 0), ("ada", BACK, 1)], "promote", id="somebody else's withdrawal"),
        pytest.param([("zoe", SAYS, 0)], "ask", id="a comment is no vote"),
        pytest.param([("zoe", YES, 0), ("zoe", SAYS, 1)], "promote", id="a comment withdraws nothing"),
        pytest.param([("zoe", GLASS, 0)], "ask", id="nor does who broke the glass vote"),
        pytest.param([("zoe", NO, 0), ("ada", AGAIN, 1)], "ask", id="asked again"),
        pytest.param([("zoe", NO, 0), ("ada", AGAIN, 1), ("zoe", YES, 2)], "promote", id="and answered"),
        pytest.param([("zoe", YES, 0), ("ada", AGAIN, 1)], "ask", id="asked again, all begins anew"),
        pytest.param([("zoe", NO, 0), ("author", AGAIN, 1)], "reject", id="the author asks nobody again"),
        pytest.param([("zoe", NO, 1), ("ada", AGAIN, 1)], "reject", id="a no at the same moment stands"),
    ],
)  # fmt: skip
def test_the_last_word_of_each_stands(said, answer):
    assert decided([RMSE], evidence(**GOOD), said, authors={"author"}, approvals=1).answer == answer


@given(
    st.lists(
        st.tuples(st.sampled_from(["ada", "zoe"]), st.sampled_from(list(Vote)), st.integers(0, 2)), max_size=5
    )
)
def test_the_order_on_record_never_matters(said):
    """Clocks of several hosts write the record in any order; equal moments of one person are told by rank."""
    policy = policy_of([RMSE], approvals=1)
    evaluation = evaluate(policy, policy.transitions[0], evidence(**GOOD))
    unlike = {(name, at, verb): (name, verb, at) for name, verb, at in said}.values()
    acts = [vote(evaluation, *one) for one in unlike]
    counted = [
        {name: one.vote for name, one in heard(order, evaluation, frozenset()).votes.items()}
        for order in permutations(acts)
    ]
    assert all(one == counted[0] for one in counted)


def test_whoever_asks_again_begins_the_time_anew():
    asked = NOW - timedelta(hours=100)
    rule = {"approvals": "[{from: [pricing], expires: 72h}]"}
    late = decided([RMSE], evidence(**GOOD), moment=Moment(now=NOW, asked=asked), **rule)
    assert late.answer is Answer.REJECT
    policy = policy_of([RMSE], **rule)
    evaluation = evaluate(policy, policy.transitions[0], evidence(**GOOD))
    again = vote(evaluation, "ada", AGAIN).model_copy(update={"at": NOW - timedelta(hours=1)})
    said = decide(
        policy, policy.transitions[0], evaluation, [again],
        authors=frozenset(), groups=GROUPS, moment=Moment(now=NOW, asked=asked),
    )  # fmt: skip
    assert (said.answer, said.until) == (Answer.ASK, NOW + timedelta(hours=71))
    assert said.moment.begun == NOW - timedelta(hours=1)


@pytest.mark.parametrize("rule", [{}, {"approvals": 0}], ids=["no approvals", "none wanted"])
def test_what_was_rejected_and_asked_again_wants_a_person_in_any_case(rule):
    said = decided([RMSE], evidence(**GOOD), [("zoe", NO, 0), ("ada", AGAIN, 1)], **rule)
    assert (said.answer, said.asked) == (Answer.ASK, ("anyone (1)",))
    assert said.reasons[0] == "asked again by ada"


@pytest.mark.parametrize("findings", [GOOD, BAD])
def test_a_model_that_is_held_is_held_whatever_else_is_so(findings):
    moment = Moment(now=NOW, held="held by ada since yesterday: odd")
    said = decided([RMSE], evidence(**findings), ["zoe"], moment=moment, approvals=1)
    assert (said.answer, said.steps, said.until) == (Answer.HOLD, (), None)
    assert said.reasons[0] == "held by ada since yesterday: odd"


def claimed(evaluation, name, *groups):
    return vote(evaluation, name).model_copy(update={"groups": groups})


def test_a_claimed_group_counts_as_it_was_when_it_was_said_and_the_file_as_it_is():
    policy = policy_of([RMSE], approvals="[{from: [pricing]}, {from: [risk]}]")
    rule = policy.transitions[0]
    evaluation = evaluate(policy, rule, evidence(**GOOD))
    votes = [claimed(evaluation, "eve", "risk"), claimed(evaluation, "ada")]

    def asked(groups):
        return decide(policy, rule, evaluation, votes, authors=frozenset(), groups=groups, moment=NOON).asked

    assert asked(GROUPS) == ()
    assert asked({"pricing": frozenset({"linus"})}) == ("pricing (1)",), "ada has left the file's group"


@pytest.mark.parametrize(
    "said",
    [["ada"], ["ada", "linus"], [("grace", NO)], ["zoe"], [("ada", YES, 0), ("grace", AGAIN, 1)], [("ada", YES), ("linus", NO)]],
    ids=str,
)  # fmt: skip
def test_a_decision_is_computed_again_from_the_record_alone(said):
    """Without the reviewers file of then: whose votes counted, and in which groups they were, is on record."""
    policy = policy_of(
        [RMSE], approvals="[{from: [pricing]}, {from: [risk], escalate: {after: 1h, to: [heads]}}]"
    )
    rule = policy.transitions[0]
    evaluation = evaluate(policy, rule, evidence(**GOOD))
    votes = [vote(evaluation, *one) if isinstance(one, tuple) else vote(evaluation, one) for one in said]

    def taken(groups, moment):
        return decide(
            policy, rule, evaluation, votes, authors=frozenset({"zoe"}), groups=groups, moment=moment
        )

    first = taken(GROUPS, Moment(now=NOW, asked=NOW - timedelta(hours=2)))
    assert taken(first.groups, first.moment) == first
