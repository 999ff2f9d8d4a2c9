"""What signed-in people say by the forms of a candidate's page, and what stops whoever may not."""

import re
from html import unescape

import pytest

from console.app import create_app
from console.roles import Role
from console.settings import ConsoleSettings
from registry.memory import Seed
from registry.words import Stage
from tests.console.gate import GOOD, MODEL, Gate
from validation.sandbox import Sandbox

PAGE = f"/models/{MODEL}/2"


@pytest.fixture
def gate(engine, tmp_path):
    with Sandbox(spares=0) as sandbox:
        gate = Gate(engine, tmp_path, sandbox)
        gate.register()
        gate.register()
        assert gate.stages() == {1: Stage.PRODUCTION, 2: Stage.STAGING}
        yield gate


@pytest.fixture
def rung():
    return []


@pytest.fixture
def people(engine, gate, rung, sign_in_at):
    """Signed in by name: `people("ada")` is a browser."""
    app = create_app(
        engine, ConsoleSettings(policies=gate.folder), clock=gate.clock, ring=lambda: rung.append(1)
    )

    def enter(name, role=Role.VIEWER):
        client = app.test_client()
        if name:
            sign_in_at(client, name, role, gate.clock())
        return client

    return enter


def page_of(client):
    return unescape(client.get(PAGE).get_data(as_text=True))


def hidden(client, page=PAGE):
    """The hidden fields of the page's form, as a browser would send them."""
    form = client.get(page).get_data(as_text=True).partition('class="review"')[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', form))


def say(client, verb, comment="", **other):
    sent = hidden(client) | {"verb": verb, "comment": comment} | other
    return client.post(f"{PAGE}/review", data=sent)


def test_two_people_of_two_groups_approve_by_the_form_and_the_version_goes_live(gate, people, rung):
    ada, linus = people("ada"), people("linus")
    assert say(ada, "approve", "clearly better").headers["Location"] == PAGE
    assert "Recorded: approve by ada" in page_of(ada)
    assert rung == [1]
    gate.settle()
    assert "Asked: risk (1)" in page_of(linus)
    say(linus, "approve")
    gate.settle()
    assert gate.stages() == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}
    page = page_of(ada)
    assert "clearly better" in page
    assert "Approve</button>" not in page


def test_an_approval_of_what_stands_no_more_is_refused_and_the_comment_stays(gate, people):
    ada = people("ada")
    sent = hidden(ada)
    gate.registry.set_tag(MODEL, 2, "owner", "somebody else")
    gate.settle()
    answer = ada.post(f"{PAGE}/review", data=sent | {"verb": "approve", "comment": "long <b>thought</b>"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "has changed since this was shown to you" in unescape(page)
    assert "long &lt;b&gt;thought&lt;/b&gt;</textarea>" in page
    assert hidden(ada) != sent


def test_an_approval_is_shown_as_void_once_the_evidence_changed(gate, people):
    ada = people("ada")
    say(ada, "approve")
    gate.settle()
    gate.registry.set_tag(MODEL, 2, "owner", "somebody else")
    gate.settle()
    page = page_of(ada)
    assert "void: given for other evidence or another policy text" in page
    assert "pricing (1), risk (1)" in page


@pytest.mark.parametrize(
    ("name", "verb", "comment", "why"),
    [
        ("linus", "reject", "", "a reject needs a comment: say why"),
        ("trainer", "approve", "", "trainer made taxi-fare 2, and nobody approves their own version"),
        ("ada", "withdraw", "", "ada has said nothing on taxi-fare 2 that could be withdrawn"),
        ("ada", "approve", "x" * 4_001, "a comment has at most 4,000 characters"),
    ],
)
def test_what_is_not_open_to_somebody_is_refused_in_words(gate, people, name, verb, comment, why):
    answer = say(people(name), verb, comment)
    assert answer.status_code == 409
    assert why in unescape(answer.get_data(as_text=True))
    gate.settle()
    assert gate.stages()[2] is Stage.STAGING


def test_one_reject_with_a_reason_archives_it_and_it_may_be_asked_about_again(gate, people):
    linus = people("linus")
    say(linus, "reject", "JFK fares are off")
    gate.settle()
    assert gate.stages()[2] is Stage.ARCHIVED
    page = page_of(linus)
    assert "JFK fares are off" in page
    assert "Ask again" in page


def test_a_comment_changes_nothing_and_is_shown_with_whatever_it_holds(gate, people):
    comment = "<script>alert(1)</script> **bold** \u202eright to left 🚕\n" + "n" * 3_000
    say(people("grace"), "comment", comment)
    gate.settle()
    page = people("").get(PAGE).get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; **bold** \u202eright to left 🚕" in page
    assert gate.latest(2).decision.asked == ("pricing (1)", "risk (1)")


def test_whoever_may_not_review_sees_no_form_and_is_refused(gate, people):
    stranger, reader = people(""), people("zoe")
    assert "Sign in to approve or reject" in page_of(stranger)
    assert 'class="review"' not in page_of(reader)
    assert "Approvals are for the members of the groups that are asked" in page_of(reader)
    ours = hidden(people("ada"))
    assert stranger.post(f"{PAGE}/review", data=ours | {"verb": "approve"}).status_code == 401
    assert reader.post(f"{PAGE}/review", data=ours | {"verb": "approve"}).status_code == 403


@pytest.mark.parametrize("missing", ["csrf_token", "verb", "evidence_digest"])
def test_a_form_that_is_not_ours_or_not_whole_changes_nothing(gate, people, missing):
    ada = people("ada")
    sent = hidden(ada) | {"verb": "approve"}
    del sent[missing]
    assert ada.post(f"{PAGE}/review", data=sent).status_code in {400, 409}
    assert "Nobody has said anything yet" in page_of(ada)


def test_a_candidate_that_was_deleted_while_its_page_was_open_says_so_and_takes_no_vote(gate, people):
    ada = people("ada")
    sent = hidden(ada) | {"verb": "approve", "comment": ""}
    gate.registry.delete(MODEL, 2)
    gate.settle()
    page = page_of(ada)
    assert "it was deleted. What is on record of it stays" in page
    assert 'class="review"' not in page
    answer = ada.post(f"{PAGE}/review", data=sent)
    assert answer.status_code == 409
    assert "taxi-fare 2 was deleted from the registry" in unescape(answer.get_data(as_text=True))


def test_a_version_without_any_figure_is_shown_with_empty_cells(gate, people):
    gate.register(Seed(tags={"owner": "ada"}, authors=frozenset({"trainer"})))
    page = unescape(people("").get(f"/models/{MODEL}/3").get_data(as_text=True))
    made = page[page.index('id="made"') : page.index('id="timeline"')]
    assert re.findall(r'data-label="v3">(.*?)<', made) == ["–", "–"]  # noqa: RUF001 an empty cell's dash
    assert "the run logged no metric" in page


def test_parameters_stand_beside_the_champions_and_what_differs_comes_first(gate, people):
    gate.register(GOOD.model_copy(update={"params": {"lr": "0.1", "a": "1"}, "logged": {"val_rmse": 4.0}}))
    page = people("").get(f"/models/{MODEL}/3").get_data(as_text=True)
    made = page[page.index('id="made"') :]
    assert re.findall(r'<th scope="row" data-label="Name">(\w+)<', made)[:2] == ["a", "lr"]
    assert made.count(">differs<") == 2


def test_an_operator_holds_all_models_and_lets_them_go_on(gate, people):
    oleg = people("oleg", Role.OPERATOR)

    def act(client, verb, reason="an incident"):
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/signin").get_data(as_text=True))[
            1
        ]
        return client.post(f"/{verb}", data={"csrf_token": token, "reason": reason})

    assert "Hold all models" in unescape(oleg.get("/").get_data(as_text=True))
    assert "Hold all models" not in people("ada").get("/").get_data(as_text=True)
    assert act(people("ada"), "hold").status_code == 403
    refused = act(oleg, "hold", "x" * 4_001)
    assert refused.status_code == 409
    assert "x" * 4_001 in refused.get_data(as_text=True)
    assert act(oleg, "hold").status_code == 303
    page = unescape(people("").get("/").get_data(as_text=True))
    assert "All models are held by oleg" in page
    assert "an incident" in page
    assert "held by oleg" in page_of(people(""))
    for name in ("ada", "linus"):
        say(people(name), "approve")
    gate.settle()
    assert gate.stages()[2] is Stage.STAGING
    assert act(oleg, "hold").status_code == 409
    assert act(oleg, "resume").status_code == 303
    gate.settle()
    assert gate.stages()[2] is Stage.PRODUCTION
    assert "All models are held" not in people("").get("/").get_data(as_text=True)


def test_an_operator_holds_a_model_with_a_reason_and_lets_it_go_on(gate, people):
    oleg = people("oleg", Role.OPERATOR)

    def act(verb, reason):
        page = oleg.get(f"/models/{MODEL}").get_data(as_text=True)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        return oleg.post(f"/models/{MODEL}/{verb}", data={"csrf_token": token, "reason": reason})

    assert act("hold", " ").status_code == 409
    assert act("hold", "an incident").status_code == 303
    assert "taxi-fare is held by oleg" in page_of(oleg)
    assert "held by oleg" in unescape(oleg.get("/?show=held").get_data(as_text=True))
    for name in ("ada", "linus"):
        say(people(name), "approve")
    gate.settle()
    assert gate.stages()[2] is Stage.STAGING
    assert act("hold", "again").status_code == 409
    assert act("resume", "it is over").status_code == 303
    gate.settle()
    assert gate.stages()[2] is Stage.PRODUCTION
    assert people("zoe").post(f"/models/{MODEL}/hold").status_code == 403
