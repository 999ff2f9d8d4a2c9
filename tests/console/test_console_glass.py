"""Breaking the glass by the page and by the API: for those whom the policy names, and for nobody else."""

from datetime import timedelta
from html import unescape

import pytest

from console.app import create_app
from console.roles import Permission, Role
from console.settings import ConsoleSettings
from console.signin.tokens import Wanted, make_token
from ledger import approvals
from ledger.engine import reading
from registry.words import Stage
from tests.console.gate import MODEL, POLICY, Gate, break_glass_for
from validation.sandbox import Sandbox

PAGE = f"/models/{MODEL}/2"
WHY = "fares of 0 since noon"


@pytest.fixture
def gate(engine, tmp_path):
    with Sandbox(spares=0) as sandbox:
        gate = Gate(engine, tmp_path, sandbox)
        break_glass_for(gate, "[grace, risk]")
        gate.register()
        gate.register()
        assert gate.stages() == {1: Stage.PRODUCTION, 2: Stage.STAGING}
        yield gate


@pytest.fixture
def rung():
    return []


@pytest.fixture
def app(engine, gate, rung):
    return create_app(
        engine, ConsoleSettings(policies=gate.folder), clock=gate.clock, ring=lambda: rung.append(1)
    )


@pytest.fixture
def enter(app, gate, sign_in_at):
    def browser(name, role=Role.VIEWER):
        client = app.test_client()
        sign_in_at(client, name, role, gate.clock())
        return client

    return browser


@pytest.fixture
def call(app, engine, gate):
    """Calls the API by a token of this person."""

    def send(name, *scopes, path=f"/models/{MODEL}/versions/2/promote", **body):
        wanted = Wanted(name, frozenset(scopes), timedelta(days=1), made_by="test")
        headers = {"Authorization": f"Bearer {make_token(engine, wanted, gate.clock())[1]}"}
        return app.test_client().post(f"/api/v1{path}", headers=headers, json=body)

    return send


def page_of(client, page=PAGE):
    return unescape(client.get(page).get_data(as_text=True))


def promote(story, client, reason=WHY, page=PAGE, **other):
    sent = {"csrf_token": story.form_token(client), "reason": reason} | other
    return client.post(f"{page}/promote", data=sent)


def acts(engine, version=2):
    with reading(engine) as session:
        said = approvals.of_version(session, MODEL, version)
    return [(one.reviewer, one.vote.value, one.comment, one.route) for one in said]


@pytest.mark.parametrize("name", ["Grace", "linus"])
def test_whoever_is_named_by_name_or_group_promotes_by_the_form(engine, gate, enter, story, rung, name):
    client = enter(name)
    assert "Break the glass" in page_of(client)
    answer = promote(story, client)
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert f"Recorded: {name} promotes taxi-fare 2 over the gate's head" in page_of(client)
    assert rung == [1]
    gate.settle()
    assert gate.stages() == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}
    assert acts(engine) == [(name, "promote", WHY, "console")]
    page = page_of(client)
    assert f"promoted over the gate's head by {name}: {WHY}" in page
    assert "Break the glass" not in page


@pytest.mark.parametrize(
    ("name", "role"), [("ada", Role.VIEWER), ("oleg", Role.OPERATOR), ("root", Role.ADMIN)]
)
def test_nobody_else_sees_the_form_or_may_send_it_whatever_their_role(engine, enter, story, name, role):
    client = enter(name, role)
    assert "Break the glass" not in page_of(client)
    answer = promote(story, client)
    assert answer.status_code == 403
    assert "that is for the role keyholder" in answer.get_data(as_text=True)
    assert acts(engine) == []


def test_whoever_is_named_by_another_policy_alone_is_refused_by_this_one(engine, gate, enter, story):
    other = POLICY.replace("taxi-fare", "churn")
    (gate.folder / "churn.yaml").write_text(f"break_glass: [zoe]\n{other}")
    zoe = enter("zoe")
    assert "Break the glass" not in page_of(zoe)
    answer = promote(story, zoe)
    assert answer.status_code == 409
    page = unescape(answer.get_data(as_text=True))
    assert "Not promoted: zoe is none of those who may break the glass of taxi-fare: grace, risk" in page
    assert acts(engine) == []


def test_it_needs_a_reason_which_stays_where_it_cannot_be_kept(engine, enter, story):
    grace = enter("grace")
    assert promote(story, grace, reason=" ").status_code == 409
    answer = promote(story, grace, reason="x" * 4_001)
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert "a comment has at most 4,000 characters" in page
    assert "x" * 4_001 in page
    assert acts(engine) == []


def test_a_form_from_elsewhere_promotes_nothing(engine, enter, story):
    grace = enter("grace")
    assert grace.post(f"{PAGE}/promote", data={"reason": WHY}).status_code == 400
    assert promote(story, grace, csrf_token="forged").status_code == 400
    assert acts(engine) == []


def test_nobody_who_has_not_signed_in_may(app, engine, story):
    assert promote(story, app.test_client()).status_code == 401
    assert acts(engine) == []


def test_while_the_model_is_held_there_is_no_form_and_the_act_is_refused(gate, enter, story):
    oleg, grace = enter("oleg", Role.OPERATOR), enter("grace")
    held = {"csrf_token": story.form_token(oleg), "reason": "an incident"}
    assert oleg.post(f"/models/{MODEL}/hold", data=held).status_code == 303
    assert "Break the glass" not in page_of(grace)
    answer = promote(story, grace)
    assert answer.status_code == 409
    assert "is held by oleg" in unescape(answer.get_data(as_text=True))


def test_a_version_deleted_while_its_page_was_open_is_not_promoted(engine, gate, enter, story):
    grace = enter("grace")
    assert "Break the glass" in page_of(grace)
    gate.registry.delete(MODEL, 2)
    gate.settle()
    assert "Break the glass" not in page_of(grace)
    answer = promote(story, grace)
    assert answer.status_code == 409
    assert "taxi-fare 2 was deleted from the registry" in unescape(answer.get_data(as_text=True))
    assert acts(engine) == []


def test_two_clicks_promote_it_once(gate, enter, story):
    grace, linus = enter("grace"), enter("linus")
    for client in (grace, linus):
        assert promote(story, client).status_code == 303
    gate.settle()
    assert gate.stages() == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}
    assert promote(story, grace).status_code == 409
    gate.settle()
    assert gate.stages() == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}


def test_the_api_breaks_it_by_the_same_rules(engine, gate, call, rung):
    assert call("grace", Permission.REVIEW, reason=WHY).status_code == 403
    assert call("ada", Permission.PROMOTE, reason=WHY).status_code == 403
    assert call("grace", Permission.PROMOTE, reason="").status_code == 422
    assert call("grace", Permission.PROMOTE, reason=" ").status_code == 409
    assert acts(engine) == []
    assert rung == []
    answer = call("grace", Permission.PROMOTE, reason=WHY)
    assert answer.status_code == 202
    gate.settle()
    assert gate.stages()[2] is Stage.PRODUCTION
    assert acts(engine) == [("grace", "promote", WHY, "api")]
    again = call("grace", Permission.PROMOTE, reason=WHY)
    assert (again.status_code, again.json["detail"]) == (409, "taxi-fare 2 is in Production already")


def test_the_audit_says_who_broke_the_glass_and_why(gate, enter, story):
    grace = enter("grace")
    promote(story, grace)
    gate.settle()
    page = page_of(grace, f"/audit?model={MODEL}&kind=approval")
    assert WHY in page
    assert "promote" in page
