"""A team's own templates word every message of the workers, whatever it tells."""

from dataclasses import replace

import pytest

from ledger import inbox
from ledger.engine import writing
from notifications.samples import SAMPLES
from notifications.words import Words
from policies.people import Act, Person, Route
from policies.verdicts import Vote
from registry.events import EventKind, RegistryEvent
from registry.memory import Seed
from registry.words import Stage
from tests.reviewing import vote
from tests.workers.conftest import PLAIN
from tests.workers.judging import ring, run
from workers.glass import break_glass
from workers.hold_news import tell_holds
from workers.holding import hold, resume
from workers.sweep import sweep_fully
from workers.tell import tell

ASKED = "    approvals: [{from: [pricing], expires: 72h, remind: 20h, escalate: {after: 48h, to: [heads]}}]\n"
GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))
GRACE = Person(name="grace", route=Route.CONSOLE)


@pytest.fixture
def keeper(keeper, policies):
    text = PLAIN.replace("    approvals: 1\n", ASKED)
    (policies / "plain.yaml").write_text(f"break_glass: [grace]\n{text}")
    (policies / "reviewers.yaml").write_text("groups: {pricing: [grace], heads: [linus]}\n")
    own = {kind: f"our {kind} of {{{{ model }}}}\nso" for kind in SAMPLES}
    keeper = replace(keeper, words=Words(own))
    sweep_fully(keeper)
    return keeper


@pytest.fixture
def told(keeper, heard, clock):
    """The titles of what was told since the last call, after so much time and a look at the version."""

    def since(**span):
        clock.pass_(**span)
        ring(keeper, "plain", 1)
        run(keeper)
        tell_holds(keeper)
        tell(keeper)
        titles = {message.title for message in heard.messages if not message.quiet}
        heard.messages.clear()
        return titles

    return since


@pytest.fixture
def waiting(registry, told):
    registry.register("plain", GOOD)
    assert "our asked of plain" in told()


def test_a_request_is_told_reminded_escalated_and_expires_in_our_words(waiting, told):
    assert told(hours=20) == {"our reminded of plain"}
    assert "our escalated of plain" in told(hours=29)
    assert "our expired of plain" in told(hours=24)


def test_a_request_at_the_registry_is_passed_on_in_our_words(keeper, waiting, told):
    asked = RegistryEvent(
        kind=EventKind.TRANSITION_REQUESTED, model="plain", version=1, to_stage=Stage.PRODUCTION,
        detail={"text": "please"},
    )  # fmt: skip
    with writing(keeper.ledger) as session:
        inbox.record_event(session, asked, origin="webhook", now=keeper.now())
    assert told() == {"our requested of plain"}


def test_what_people_do_is_told_in_our_words(keeper, registry, waiting, told):
    vote(
        keeper.ledger, keeper.policies(), model="plain", version=1, approval=("grace", Vote.COMMENT, "hm"),
        now=keeper.now(),
    )  # fmt: skip
    hold(keeper.ledger, GRACE, "plain", "an incident", keeper.now())
    assert "our hold of plain" in told()
    resume(keeper.ledger, GRACE, "plain", "it is over", keeper.now())
    assert "our hold of plain" in told()
    act = Act(model="plain", version=1, verb=Vote.PROMOTE, comment="fares of 0")
    break_glass(keeper.ledger, keeper.policies(), GRACE, act, keeper.now())
    assert "our override of plain" in told()
    assert registry.version("plain", 1).stage is Stage.PRODUCTION


def test_approvals_that_count_no_more_are_told_in_our_words(keeper, registry, policies, told):
    path = policies / "plain.yaml"
    path.write_text(path.read_text().replace("{from: [pricing],", "{count: 2, from: [pricing, heads],"))
    registry.register("plain", GOOD)
    told()
    vote(
        keeper.ledger, keeper.policies(), model="plain", version=1, approval=("grace", Vote.APPROVE, ""),
        now=keeper.now(),
    )  # fmt: skip
    told()
    registry.set_tag("plain", 1, "note", "something new")
    assert "our voided of plain" in told()
