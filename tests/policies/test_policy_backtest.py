import pytest

from policies.backtest import Replay, Result, replay
from policies.book import PolicyBook
from policies.decide import decide
from policies.evaluate import evaluate
from policies.evidence.gap import Gap
from policies.parse import parse_policy
from policies.verdicts import Answer, Vote
from tests.policies.made import NOON, SMALLEST, compared, evidence, vote

SOUND = evidence(rmse=4.8, mae_compared=compared(2.0, 2.1, se=0.005))
GROUPS = {"pricing": frozenset({"ada"}), "risk": frozenset({"linus"})}


def book(text=SMALLEST):
    return PolicyBook.of([parse_policy(text, file="policy.yaml")], groups=GROUPS)


def judged(found=SOUND, votes=()):
    """What the smallest policy said of evidence, and the votes as they were given then."""
    policy = book().policies[0]
    evaluation = evaluate(policy, policy.transitions[0], found)
    given = [vote(evaluation, *each) for each in votes]
    decision = decide(
        policy, policy.transitions[0], evaluation, given, authors=frozenset(), groups=GROUPS, moment=NOON
    )
    return (evaluation, decision), given


def again(text, found=SOUND, votes=(), model="taxi-fare"):
    said, given = judged(found, votes)
    return replay(book(text), model, said, found, given)


def test_the_same_policy_says_the_same_of_everything():
    for votes in ([], [("ada",)], [("ada", Vote.REJECT)]):
        assert again(SMALLEST + "# a comment", votes=votes).result is Result.SAME


def test_a_tighter_limit_is_told_gate_by_gate():
    found = again(SMALLEST.replace("max: 5.0", "max: 4.5"), votes=[("ada",)])
    assert (found.result, found.before, found.after) == (Result.OTHER, Answer.PROMOTE, Answer.REJECT)
    assert [str(gate) for gate in found.gates] == [
        "rmse: pass -> fail: rmse was 4.80, at most 4.50 allowed, on 10,377 rows"
    ]


def test_a_gate_that_is_gone_is_told_too():
    lines = SMALLEST.splitlines(keepends=True)
    found = again("".join(lines[:6] + lines[7:]), votes=[("ada",)])
    assert found.result is Result.SAME
    assert [str(gate) for gate in found.gates] == [
        "rmse: pass -> not asked: rmse was 4.80, at most 5.00 allowed, on 10,377 rows"
    ]


@pytest.mark.parametrize(
    ("approvals", "after"),
    [
        ("1", Answer.PROMOTE),
        ("[{from: [pricing]}]", Answer.PROMOTE),
        ("[{from: [risk]}]", Answer.ASK),
        ("2", Answer.ASK),
        ("0", Answer.PROMOTE),
    ],
)
def test_votes_count_as_if_they_had_been_given_for_the_changed_policy(approvals, after):
    found = again(SMALLEST.replace("approvals: 1", f"approvals: {approvals}"), votes=[("ada",)])
    assert found.after is after


def test_votes_for_an_earlier_text_or_other_evidence_count_for_nothing():
    said, (given,) = judged(votes=[("ada",)])
    for stale in ({"policy_digest": "0" * 64}, {"evidence_digest": "0" * 64}):
        found = replay(book(), "taxi-fare", said, SOUND, [given.model_copy(update=stale)])
        assert (found.result, found.after) == (Result.OTHER, Answer.ASK)


MORE = SMALLEST.replace("      - {metric: mae", "      - {metric: r2, min: 0.5}\n      - {metric: mae")


def test_evidence_that_nobody_measured_makes_the_answer_unknown():
    found = again(MORE, votes=[("ada",)])
    assert found == Replay(Result.UNKNOWN, Answer.PROMOTE, None, ("r2 on holdout was not measured",))


def test_what_fails_anyway_is_known_without_it():
    found = again(MORE.replace("max: 5.0", "max: 4"))
    assert (found.result, found.after) == (Result.OTHER, Answer.REJECT)


def test_a_gate_that_only_warns_is_not_needed_to_know():
    assert again(MORE.replace("min: 0.5", "min: 0.5, severity: warn")).result is Result.SAME


def test_what_was_asked_for_and_not_to_be_had_then_is_a_hold_and_not_unknown():
    away = evidence(rmse=Gap(reason="no hold-out"), mae_compared=compared(2.0, 2.1, se=0.005))
    assert again(SMALLEST, away).after is Answer.HOLD


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SMALLEST.replace("[taxi-fare]", "[bus]"), "no policy for taxi-fare: it is left alone"),
        (
            SMALLEST.replace("from: staging", "from: none"),
            "no transition from staging for taxi-fare: it is left alone",
        ),
    ],
    ids=["model", "transition"],
)
def test_a_version_that_would_not_be_judged_any_more_is_told(text, words):
    found = again(text)
    assert (found.result, found.after, found.reasons) == (Result.OTHER, None, (words,))


def test_where_several_policies_claim_the_model_alike_the_answer_is_unknown():
    said, given = judged()
    both = PolicyBook.of(
        [parse_policy(SMALLEST.replace("policy: taxi-fare", f"policy: {name}"), file=name) for name in "ab"]
    )
    found = replay(both, "taxi-fare", said, SOUND, given)
    assert (found.result, "claimed just as nearly by b:2" in found.reasons[0]) == (Result.UNKNOWN, True)


GOLD = (
    SMALLEST.replace("policy: taxi-fare", "policy: gold").replace("max: 5.0", "max: 4.5")
    + "tagged: {tier: gold}\n"
)


def again_by_tags(tags, *texts):
    (evaluation, decision), given = judged(votes=[("ada",)])
    policies = [parse_policy(text, file=f"{number}.yaml") for number, text in enumerate(texts)]
    said = evaluation, decision.model_copy(update={"model_tags": tags})
    return replay(PolicyBook.of(policies, groups=GROUPS), "taxi-fare", said, SOUND, given)


@pytest.mark.parametrize(
    ("tags", "result", "after"),
    [
        pytest.param({"tier": "gold"}, Result.OTHER, Answer.REJECT, id="so tagged"),
        pytest.param({"tier": "silver"}, Result.SAME, Answer.PROMOTE, id="tagged otherwise"),
        pytest.param({}, Result.SAME, Answer.PROMOTE, id="not tagged"),
        pytest.param(None, Result.UNKNOWN, None, id="nobody asked"),
    ],
)
def test_a_policy_is_chosen_by_the_tags_of_then(tags, result, after):
    found = again_by_tags(tags, SMALLEST, GOLD)
    assert (found.result, found.after) == (result, after)
    if result is Result.UNKNOWN:
        assert "hangs on the tags of the model, which are not known here" in found.reasons[0]


def test_a_model_whose_tags_no_policy_asks_for_any_more_is_left_alone():
    assert again_by_tags({}, GOLD).reasons == ("no policy for taxi-fare: it is left alone",)
