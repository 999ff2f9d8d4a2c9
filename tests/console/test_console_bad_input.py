"""Names and words of any kind and length on every page, and people who click at the same moment."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest

from console.app import create_app
from console.roles import Role
from console.settings import ConsoleSettings
from ledger import approvals
from ledger.engine import reading
from notifications.message import quote_model
from registry.words import Stage
from tests.console.gate import MODEL, Gate, break_glass_for
from validation.sandbox import Sandbox

NAMES = [
    pytest.param("n" * 256, id="as long as the registry lets it be"),
    pytest.param("<script>alert(1)</script>&amp;\"'", id="html"),
    pytest.param("**bold** [a](javascript:alert(1)) `x` <@U1>", id="markdown"),
    pytest.param("\u202eمريم\u202c 🚕👩‍👩‍👧", id="right to left, and emoji"),
    pytest.param("../..//%2F?#;a=b", id="signs of addresses"),
]
WORDS = [
    pytest.param("<script>alert(1)</script>", id="html"),
    pytest.param("**bold** [a](javascript:alert(1)) {{ 7 * 7 }}", id="markdown and templates"),
    pytest.param("\u202eمن اليمين\u202c 🚕👩‍👩‍👧", id="right to left, and emoji"),
    pytest.param("x" * 3_000, id="3,000 characters"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_model_of_any_name_is_drawn_as_words_on_every_page(client, engine, story, name):
    story.furnish(engine, name)
    own = f"/models/{quote_model(name)}"
    for page in ("/", own, f"{own}/3", "/channel", "/deliveries", "/audit", "/api/v1/models"):
        answer = client.get(page)
        said = answer.get_data(as_text=True)
        assert answer.status_code == 200, page
        assert "<script>alert" not in said or page.startswith("/api/")
        assert 'href="javascript' not in said
    assert name in unescape(client.get(f"{own}/3").get_data(as_text=True))


@pytest.fixture
def gate(engine, tmp_path):
    with Sandbox(spares=0) as sandbox:
        gate = Gate(engine, tmp_path, sandbox)
        break_glass_for(gate, "[linus]")
        gate.register()
        gate.register()
        yield gate


@pytest.fixture
def enter(engine, gate, sign_in_at):
    app = create_app(engine, ConsoleSettings(policies=gate.folder), clock=gate.clock)

    def browser(name, role=Role.VIEWER):
        client = app.test_client()
        sign_in_at(client, name, role, gate.clock())
        return client

    return browser


@pytest.mark.parametrize("words", WORDS)
def test_whatever_people_write_is_kept_and_drawn_as_they_wrote_it(gate, enter, story, words):
    oleg, linus = enter("oleg", Role.OPERATOR), enter("linus")

    def send(client, path, reason=words):
        sent = {"csrf_token": story.form_token(client), "reason": reason}
        assert client.post(path, data=sent).status_code == 303

    for path in (f"/models/{MODEL}", ""):
        send(oleg, f"{path}/hold")
        send(oleg, f"{path}/resume")
    send(linus, f"/models/{MODEL}/2/promote")
    gate.settle()
    assert gate.stages()[2] is Stage.PRODUCTION
    for page in (f"/models/{MODEL}", f"/models/{MODEL}/2", "/audit"):
        said = oleg.get(page).get_data(as_text=True)
        assert words in unescape(said), page
        assert "<script>alert" not in said
        assert 'href="javascript' not in said


def approve(client, digests):
    return client.post(f"/models/{MODEL}/2/review", data=digests | {"verb": "approve", "comment": ""})


def form(client):
    page = client.get(f"/models/{MODEL}/2").get_data(as_text=True).partition('class="review"')[2]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page.partition("</form>")[0]))


def at_once(calls):
    with ThreadPoolExecutor(len(calls)) as pool:
        return [each.result() for each in [pool.submit(call) for call in calls]]


def test_two_reviewers_who_click_at_the_same_moment_are_both_counted_and_it_is_promoted_once(
    gate, enter, engine
):
    people = [(client, form(client)) for client in (enter("ada"), enter("linus"))]
    answers = at_once([lambda who=who: approve(*who) for who in people])
    assert [answer.status_code for answer in answers] == [303, 303]
    gate.settle()
    assert gate.stages() == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}
    assert set(gate.latest(2).decision.voters) == {"ada", "linus"}


def test_one_who_clicks_twice_at_the_same_moment_is_counted_once(gate, enter, engine):
    ada = enter("ada")
    windows = [(ada, form(ada)), (enter("ada"), None)]
    windows[1] = (windows[1][0], form(windows[1][0]))
    answers = at_once([lambda who=who: approve(*who) for who in windows])
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    with reading(engine) as session:
        assert len(approvals.of_version(session, MODEL, 2)) == 1
    gate.settle()
    assert gate.stages()[2] is Stage.STAGING


def test_a_click_on_a_page_of_last_week_counts_for_nothing_that_has_changed_since(gate, enter):
    ada = enter("ada")
    shown = form(ada)
    gate.registry.set_tag(MODEL, 2, "owner", "somebody else")
    gate.settle()
    answer = approve(ada, shown)
    assert answer.status_code == 409
    assert "has changed since this was shown to you" in unescape(answer.get_data(as_text=True))
    assert gate.latest(2).decision.voters == {}


def test_who_left_the_group_while_the_page_was_open_is_refused_and_their_vote_counts_no_more(gate, enter):
    ada, linus = enter("ada"), enter("linus")
    shown = form(linus)
    assert approve(ada, form(ada)).status_code == 303
    (gate.folder / "reviewers.yaml").write_text("groups: {pricing: [grace], risk: [zoe]}\n")
    assert approve(linus, shown).status_code == 403
    gate.settle()
    assert gate.stages()[2] is Stage.STAGING
    assert gate.latest(2).decision.asked == ("pricing (1)", "risk (1)")
