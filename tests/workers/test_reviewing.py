"""The one door for acts of people, over the in-memory registry and a real ledger."""

import pytest

from ledger import judgements
from ledger.engine import reading
from notifications.message import MessageKind
from policies.acts import refusals
from policies.people import COMMENT_MAX, Shown
from policies.verdicts import Vote
from registry.memory import Seed
from registry.words import Stage
from tests.workers.conftest import PLAIN
from tests.workers.judging import latest, ring, run, stages
from tests.workers.reviewing import GROUPS, PRICING, act, open_to, person, said
from workers.requests import open_requests
from workers.review import NotJudged, Outdated, VoteRefused, standing_of
from workers.sweep import sweep_fully

GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))


def test_two_of_a_group_promote_and_one_does_not(keeper, registry, waiting):
    act(keeper, "approve", "grace")
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}
    act(keeper, "approve", "Linus ")
    run(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION}


def test_the_record_tells_the_route_and_whom_it_knew(keeper, waiting):
    act(keeper, "approve", "grace", "fine")
    (one,) = said(keeper)
    assert (one.reviewer, one.route, one.account) == ("grace", "console", "grace@example.org")


def test_what_was_shown_must_still_stand(keeper, registry, waiting):
    shown = Shown.of(latest(keeper, 1).evaluation)
    registry.set_tag("plain", 1, "note", "something new")
    ring(keeper, "plain", 1)
    run(keeper)
    with pytest.raises(Outdated, match="has changed since this was shown to you"):
        act(keeper, "approve", "grace", shown=shown)
    act(keeper, "approve", "grace", shown=Shown.of(latest(keeper, 1).evaluation))


def test_one_rejection_rejects_and_needs_a_comment(keeper, registry, waiting):
    act(keeper, "approve", "grace")
    with pytest.raises(VoteRefused, match="needs a comment"):
        act(keeper, "reject", "linus", "  \n")
    act(keeper, "reject", "linus", "JFK fares are off")
    run(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED}


def test_a_vote_that_was_withdrawn_does_not_count(keeper, registry, waiting):
    act(keeper, "approve", "grace")
    act(keeper, "withdraw", "grace")
    act(keeper, "approve", "linus")
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}
    act(keeper, "approve", "grace", "on second thoughts")
    run(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION}


def test_only_who_has_voted_can_withdraw(keeper, waiting):
    with pytest.raises(VoteRefused, match="nothing on plain 1 that could be withdrawn"):
        act(keeper, "withdraw", "grace")


def test_who_approves_twice_is_told_and_counts_once(keeper, registry, waiting):
    act(keeper, "approve", "grace")
    with pytest.raises(VoteRefused, match="has approved plain 1 already"):
        act(keeper, "approve", "GRACE")
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}


def test_who_approved_may_still_reject(keeper, registry, waiting):
    act(keeper, "approve", "grace")
    act(keeper, "reject", "grace", "I had not seen the night fares")
    run(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ada", "nobody approves their own version"),
        ("ADA", "nobody approves their own version"),
        ("\u0430da", "nobody approves their own version"),
        ("zoe", "in none of the groups"),
        ("gr\u0430ce", "looks like 'grace'"),
        ("", "nobody is named"),
        (" \u200b", "nobody is named"),
        ("gra\nce", "no line breaks"),
        ("\u202eecarg", "turn its direction"),
        ("g" * 3000, "at most 200 characters, this one has 3,000"),
    ],
)  # fmt: skip
def test_who_may_not_vote_is_told_why(keeper, waiting, name, why):
    for verb in ("approve", "reject"):
        with pytest.raises(VoteRefused, match=why):
            act(keeper, verb, name, "because")
    assert said(keeper) == ()


def test_a_group_that_a_sign_in_claims_counts_and_is_on_record(keeper, registry, waiting):
    act(keeper, "approve", "grace")
    act(keeper, "approve", person("zoe", groups={"pricing", "canteen"}))
    assert said(keeper)[1].groups == ("pricing",)
    run(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION}


def test_a_vote_of_who_left_the_group_by_the_file_counts_no_more(keeper, registry, policies, waiting):
    act(keeper, "approve", "grace")
    (policies / "reviewers.yaml").write_text("groups: {pricing: [ada, linus, zoe]}\n")
    with pytest.raises(VoteRefused, match="in none of the groups"):
        act(keeper, "reject", "grace", "still here")
    act(keeper, "approve", "linus")
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}


@pytest.mark.parametrize("length", [3000, COMMENT_MAX])
def test_long_comments_of_any_script_are_kept_as_they_are(keeper, waiting, length):
    comment = ("<b>*لا* 🚕\r\n" * length)[:length].strip()
    act(keeper, "comment", "ada", comment)
    assert said(keeper)[0].comment == comment.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("comment", "why"),
    [("x" * (COMMENT_MAX + 1), "at most 4,000 characters"), ("a\0b", "plain text"), ("\x1b[2J", "plain text"), ("\ud800", "plain text")],
)  # fmt: skip
def test_a_comment_that_cannot_be_kept_is_refused(keeper, waiting, comment, why):
    with pytest.raises(VoteRefused, match=why):
        act(keeper, "comment", "grace", comment)


def test_a_comment_changes_nothing(keeper, registry, waiting):
    act(keeper, "approve", "grace")
    act(keeper, "comment", "grace", "by the way")
    act(keeper, "comment", "linus", "still reading")
    before = latest(keeper, 1).id
    run(keeper)
    assert latest(keeper, 1).decision.asked == ("pricing (1)",)
    assert latest(keeper, 1).id == before + 1, "the approval alone is news"


def test_what_was_never_judged_has_nothing_to_speak_of(keeper):
    with pytest.raises(NotJudged):
        act(keeper, "approve", "grace")


def test_a_route_can_ask_what_is_open_to_whom(keeper, waiting):
    assert open_to(keeper, "grace") == {"approve", "reject", "comment"}
    assert open_to(keeper, "ada") == {"comment"}
    act(keeper, "approve", "grace")
    assert open_to(keeper, "grace") == {"reject", "withdraw", "comment"}
    act(keeper, "reject", "linus", "no")
    run(keeper)
    assert open_to(keeper, "grace") == {"comment", "request"}


@pytest.mark.parametrize("verb", list(Vote))
def test_every_act_is_answered_for_everybody(keeper, waiting, verb):
    with reading(keeper.ledger) as session:
        standing = standing_of(session, judgements.latest(session, "plain", 1))
    assert verb in refusals(keeper.policies(), person("nobody"), standing, keeper.now())


@pytest.mark.parametrize("changed", ["evidence", "policy"])
def test_an_approval_that_counts_no_more_is_told_once(keeper, registry, policies, heard, waiting, changed):
    act(keeper, "approve", "grace")
    run(keeper)
    if changed == "evidence":
        registry.set_tag("plain", 1, "note", "something new")
    else:
        text = (policies / "plain.yaml").read_text()
        (policies / "plain.yaml").write_text(text.replace("max: 5.0", "max: 6.0"))
    for _ in range(2):
        ring(keeper, "plain", 1)
        run(keeper)
    (told,) = [m for m in heard.messages if m.kind is MessageKind.VOIDED]
    assert told.title == "An approval of plain 1 can no longer count"
    why = {"evidence": "tags of the version are others: note", "policy": "the policy's text is another"}
    assert told.text.startswith(f"grace approved what is no longer so: {why[changed]}. ")
    assert latest(keeper, 1).decision.asked == ("pricing (2)",)


def test_people_are_known_by_all_their_names(keeper, registry, policies, waiting):
    """An author by another address is still the author; a reviewer by theirs is still one reviewer."""
    people = "people: {ada: [ada@example.org, alovelace], grace: [grace@example.org]}\n"
    (policies / "reviewers.yaml").write_text(people + "groups: {pricing: [ada@example.org, grace, linus]}\n")
    with pytest.raises(VoteRefused, match="nobody approves their own"):
        act(keeper, "approve", "Alovelace")
    act(keeper, "approve", "grace@example.org")
    assert said(keeper)[0].reviewer == "grace"
    with pytest.raises(VoteRefused, match="grace has approved plain 1 already"):
        act(keeper, "approve", "grace")
    assert open_to(keeper, "grace@example.org") == {"reject", "withdraw", "comment"}
    act(keeper, "approve", "linus")
    run(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION}


def test_nobody_votes_while_nobody_can_tell_who_is_who(keeper, policies, waiting):
    """Or else an author could vote under another name of theirs."""
    (policies / "plain.yaml").write_text(PLAIN)
    ring(keeper, "plain", 1)
    run(keeper)
    (policies / "reviewers.yaml").write_text("people: {ada: [al]}\ngroups: [broken]\n")
    with pytest.raises(VoteRefused, match=r"who is who cannot be read.*reviewers\.yaml:2"):
        act(keeper, "approve", "al")


def waits_for(keeper, name=None):
    who = person(name) if name else None
    with reading(keeper.ledger) as session:
        found = open_requests(session, keeper.policies(), keeper.now(), person=who)
    return [(one.judgement.version, one.for_them) for one in found]


def test_what_waits_is_told_until_it_is_decided_moved_or_deleted(keeper, registry, policies):
    sweep_fully(keeper)
    (policies / "plain.yaml").write_text(PLAIN.replace("    approvals: 1\n", PRICING))
    (policies / "reviewers.yaml").write_text(GROUPS)
    for _ in range(4):
        registry.register("plain", GOOD)
    for _ in range(2):
        sweep_fully(keeper)
        run(keeper)
    sweep_fully(keeper)
    assert waits_for(keeper) == [(1, False), (2, False), (3, False), (4, False)], "for nobody in particular"
    assert waits_for(keeper, "zoe") == waits_for(keeper)
    act(keeper, "approve", "grace")
    assert waits_for(keeper, "grace")[0] == (1, False)
    assert waits_for(keeper, "linus")[0] == (1, True)
    act(keeper, "reject", "linus", "no")
    registry.transition("plain", 2, Stage.ARCHIVED)
    registry.delete("plain", 3)
    run(keeper)
    sweep_fully(keeper)
    run(keeper)
    assert waits_for(keeper, "linus") == [(4, True)]
    with pytest.raises(VoteRefused, match="plain 3 was deleted from the registry"):
        act(keeper, "approve", "grace", version=3)
