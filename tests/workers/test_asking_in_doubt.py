"""What the data cannot say: people are asked, their word decides, and others are asked if they say none."""

import pytest

from notifications.message import MessageKind
from policies.people import Act, Person, Route
from policies.verdicts import Answer, Outcome
from registry.memory import Seed
from registry.words import Stage
from tests.workers.conftest import PLAIN
from tests.workers.judging import latest, run, stages
from workers.review import VoteRefused, review
from workers.sweep import sweep, sweep_fully

GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))


def passes(keeper, clock, **span):
    clock.pass_(**span)
    for _ in range(2):
        sweep(keeper, 100)
        run(keeper)


def act(keeper, verb, name):
    act = Act(model="plain", version=1, verb=verb, comment="seen")
    return review(keeper.ledger, keeper.policies(), Person(name=name, route=Route.SLACK), act, keeper.now())


@pytest.fixture
def policy(policies, tmp_path):
    """A hold-out of which nobody knows whether it was trained on; more keys of the rule as a test wants."""
    (tmp_path / "trips.csv").write_text("km,fare\n" + "".join(f"{n},{n + 2}\n" for n in range(20)))
    data = f'datasets: {{holdout: {{uri: "{tmp_path}/trips.csv", target: fare, not_trained_on: true}}}}\n'

    def write(lines="", data=data):
        read = "max: 5.0}\n      - {metric: rmse, max: 9, severity: warn}" if data else "max: 5.0}"
        text = PLAIN.replace("    approvals: 1\n", lines).replace("max: 5.0}", read)
        (policies / "plain.yaml").write_text(data + text)
        (policies / "reviewers.yaml").write_text("groups: {pricing: [grace], heads: [barbara]}\n")

    return write


@pytest.fixture
def waits(keeper, registry, clock, policy):
    """Registers version 1 under a policy; it comes to Staging and waits there."""

    def register(*words, **more):
        policy(*words, **more)
        sweep_fully(keeper)
        registry.register("plain", GOOD)
        passes(keeper, clock, minutes=1)

    return register


@pytest.mark.parametrize(("verb", "stage"), [("approve", Stage.PRODUCTION), ("reject", Stage.ARCHIVED)])
def test_a_person_says_what_the_data_cannot(keeper, registry, clock, waits, verb, stage):
    waits("    first_version: promote\n")
    judged = latest(keeper, 1)
    doubtful = [v for v in judged.evaluation.verdicts if v.outcome is Outcome.INCONCLUSIVE]
    assert (judged.decision.answer, judged.decision.asked, len(doubtful)) == (Answer.ASK, ("anyone (1)",), 1)
    act(keeper, verb, "zoe")
    passes(keeper, clock)
    assert stages(registry) == {1: stage}


ASKED = "    approvals: [{from: [pricing], expires: 72h, remind: 12h, escalate: {after: 24h, to: [heads]}}]\n"


def test_others_are_asked_by_themselves_when_nobody_answers(keeper, registry, clock, heard, waits):
    waits(ASKED, data="")
    assert latest(keeper, 1).decision.asked == ("pricing (1)",)
    with pytest.raises(VoteRefused, match="in none of the groups that are asked"):
        act(keeper, "approve", "barbara")
    passes(keeper, clock, hours=13)
    passes(keeper, clock, hours=11)
    assert latest(keeper, 1).decision.asked == ("pricing or heads (1)",)
    asked = [m.ask.what.split(",")[0] for m in heard.messages if m.kind is MessageKind.ASKED]
    assert asked == [
        "Approval asked of pricing (1)",
        "Approval asked of pricing (1)",
        "Approval asked of pricing or heads (1)",
    ], "asked, reminded, escalated; each once"
    act(keeper, "approve", "barbara")
    passes(keeper, clock)
    assert stages(registry) == {1: Stage.PRODUCTION}


def test_what_nobody_answers_is_rejected_and_may_be_asked_again(keeper, registry, clock, heard, waits):
    waits(ASKED, data="")
    for _ in range(3):
        passes(keeper, clock, hours=24)
    assert stages(registry) == {1: Stage.ARCHIVED}
    assert latest(keeper, 1).decision.reasons[0].startswith("no approval by pricing or heads (1) within 3d")
    act(keeper, "request", "grace")
    passes(keeper, clock, minutes=1)
    decision = latest(keeper, 1).decision
    assert (decision.answer, decision.asked) == (Answer.ASK, ("pricing (1)",)), "the time begins anew"
    act(keeper, "approve", "grace")
    passes(keeper, clock, minutes=1)
    assert stages(registry) == {1: Stage.PRODUCTION}
