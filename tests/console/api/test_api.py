"""The API: the twins of the pages, acts, tokens, and refusals, as a script meets them."""

import json

import pytest
from sqlalchemy import create_engine, delete

from console.app import create_app
from console.readings.candidate import candidate
from console.readings.model import model
from console.readings.overview import overview
from console.roles import Permission, Role
from console.signin.guard import needed
from ledger import approvals
from ledger.engine import reading, writing
from ledger.tables import SightingRow
from notifications.message import quote_model
from registry.events import EventKind
from registry.words import Stage
from tests.console.rich import tell

READ = [
    "/models",
    "/models/taxi-fare",
    "/models/taxi-fare/versions/3",
    "/policies",
    "/deliveries",
    "/messages",
    "/audit",
    "/me",
]
TWINS = {
    "pages.overview": "api.models",
    "pages.model": "api.model",
    "pages.version": "api.version",
    "pages.channel": "api.messages",
    "records.policies": "api.policies",
    "records.policy": "api.policy",
    "records.deliveries": "api.deliveries",
    "records.audit": "api.audit",
}
NO_PAGES = {"pages.report", "pages.plot", "pages.healthz", "records.audit_file", "live.changes", "static"}
"""Pictures, files, and what a browser needs: their facts are in the twin of the page they belong to."""
WRITES = {
    ("post", "/models/taxi-fare/versions/3/acts"): Permission.REVIEW,
    ("post", "/models/taxi-fare/versions/3/promote"): Permission.PROMOTE,
    ("post", "/models/taxi-fare/versions/3/retry"): Permission.RETRY,
    ("post", "/models/taxi-fare/hold"): Permission.HOLD,
    ("post", "/models/taxi-fare/resume"): Permission.HOLD,
    ("post", "/hold"): Permission.HOLD,
    ("post", "/resume"): Permission.HOLD,
    ("post", "/deliveries/replay"): Permission.REPLAY,
    ("get", "/tokens"): Permission.TOKENS,
    ("post", "/tokens"): Permission.TOKENS,
    ("delete", "/tokens/0123abcd"): Permission.TOKENS,
    ("get", "/sessions"): Permission.SESSIONS,
    ("get", "/signins"): Permission.SESSIONS,
    ("delete", "/people/ann/sessions"): Permission.SESSIONS,
}


def shown(call):
    judged = call("get", "/models/taxi-fare/versions/3").json["judged"]["evaluation"]
    return {name: judged[name] for name in ("evidence_digest", "policy_digest")}


def test_every_page_has_a_twin(app):
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and rule.endpoint.partition(".")[0] not in {"api", "signin"}
    }
    assert pages == TWINS.keys() | NO_PAGES
    assert set(TWINS.values()) <= app.view_functions.keys()


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("/models", overview),
        ("/models/taxi-fare", lambda session: model(session, "taxi-fare")),
        ("/models/taxi-fare/versions/3", lambda session: candidate(session, "taxi-fare", 3)),
        ("/models/taxi-fare/versions/2", lambda session: candidate(session, "taxi-fare", 2)),
    ],
)
def test_a_twin_says_what_its_page_is_drawn_from(call, engine, path, read):
    with reading(engine) as session:
        assert call("get", path).json == json.loads(read(session).model_dump_json())


@pytest.mark.parametrize("path", READ)
def test_reading_needs_no_token_where_the_console_is_open_and_see_where_one_is_shown(call, path):
    assert call("get", path).status_code == 200
    assert call("get", path, Permission.SEE).status_code == 200
    assert call("get", path, Permission.HOLD).status_code == 403


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_what_a_token_is_not_for_is_refused_in_json(call, method, path):
    others = set(Permission) - {WRITES[method, path]}
    without, wrong = call(method, path), call(method, path, *others)
    for answer, status in ((without, 401), (wrong, 403)):
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert answer.json["status"] == status
        assert answer.json["detail"]


def test_the_permissions_of_all_addresses_are_those_listed_here(app):
    asked = {
        rule.endpoint: needed(app, rule.endpoint)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
    }
    assert {each for each in asked.values() if each} == {Permission.SEE, *WRITES.values()}
    assert sum(each is not Permission.SEE for each in asked.values()) == len(WRITES)


def test_an_act_is_recorded_in_the_name_of_the_tokens_owner(call, engine, rings):
    sent = shown(call) | {"verb": "comment", "comment": "looks <b>right</b> 🙂"}
    answer = call("post", "/models/taxi-fare/versions/3/acts", Permission.REVIEW, name="Grace", json=sent)
    assert answer.status_code == 202
    assert answer.json["verb"] == "comment"
    with reading(engine) as session:
        last = approvals.of_version(session, "taxi-fare", 3)[-1]
    assert (last.reviewer, last.comment, last.route) == ("Grace", "looks <b>right</b> 🙂", "api")
    assert rings


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"evidence_digest": "0" * 64}, 409, id="what was shown no longer stands"),
        pytest.param({"comment": ""}, 409, id="a comment without words"),
        pytest.param({"comment": "x" * 5000}, 422, id="a comment of 5,000 characters"),
        pytest.param({"verb": "bless"}, 422, id="no such act"),
        pytest.param({"verb": "promote"}, 422, id="to break the glass"),
        pytest.param({"reviewer": "grace"}, 422, id="a name in the payload"),
        pytest.param({"evidence_digest": None}, 422, id="not said of what"),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_why(call, change, status, rings):
    sent = shown(call) | {"verb": "comment", "comment": "so"} | change
    answer = call("post", "/models/taxi-fare/versions/3/acts", Permission.REVIEW, json=sent)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert not rings


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"verb":'])
def test_a_body_that_cannot_be_read_is_refused(call, body):
    path = "/models/taxi-fare/versions/3/acts"
    answer = call("post", path, Permission.REVIEW, data=body, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert answer.mimetype == "application/problem+json"


def test_too_large_a_body_is_refused(call):
    sent = {"reason": "x" * 70_000}
    assert call("post", "/models/taxi-fare/hold", Permission.HOLD, json=sent).status_code == 413


def test_a_cookie_alone_changes_nothing_through_the_api(app, sign_in):
    client = app.test_client()
    sign_in(client, "grace", Role.ADMIN)
    assert client.get("/api/v1/tokens").status_code == 200
    answer = client.post("/api/v1/models/taxi-fare/hold", json={"reason": "x"})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize("of", ["/models/taxi-fare", ""])
def test_a_model_or_all_of_them_are_held_and_let_go(call, of):
    for verb, again in (("hold", "already"), ("resume", "not held")):
        path = f"{of}/{verb}"
        assert call("post", path, Permission.HOLD, json={"reason": "a fire drill"}).status_code == 200
        refused = call("post", path, Permission.HOLD, json={"reason": "a fire drill"})
        assert refused.status_code == 409
        assert again in refused.json["detail"]


def test_a_token_made_through_the_api_can_do_no_more_than_its_maker(call, app):
    wanted = {"scopes": ["see", "tokens"], "days": 1}
    made = call("post", "/tokens", Permission.SEE, Permission.TOKENS, name="Ann", json=wanted)
    assert made.status_code == 201
    assert made.json["line"]["name"] == "Ann"
    mine = {"Authorization": f"Bearer {made.json['token']}"}
    assert app.test_client().get("/api/v1/me", headers=mine).json["may"] == ["see", "tokens"]
    beyond = call("post", "/tokens", Permission.TOKENS, json={"scopes": ["see"]})
    assert beyond.status_code == 403
    number = made.json["line"]["number"]
    assert call("delete", f"/tokens/{number}", Permission.TOKENS).status_code == 200
    assert call("delete", f"/tokens/{number}", Permission.TOKENS).status_code == 404
    assert app.test_client().get("/api/v1/me", headers=mine).status_code == 401


def test_an_admin_signs_others_out(call, app, sign_in):
    client = app.test_client()
    sign_in(client, "grace")
    assert [each["name"] for each in call("get", "/sessions", Permission.SESSIONS).json["sessions"]] == [
        "grace"
    ]
    assert call("delete", "/people/GRACE/sessions", Permission.SESSIONS).json == {"ended": 1}
    assert client.get("/api/v1/me").json["name"] == ""
    told = call("get", "/signins", Permission.SESSIONS).json["signins"]
    assert {each["what"] for each in told} >= {
        "signed in",
        "signed out everywhere",
        "token made",
        "link made",
    }


@pytest.mark.parametrize(
    "path", ["/nowhere", "/models/none", "/models/taxi-fare/versions/99", "/policies/none"]
)
def test_what_is_not_there_is_said_in_json(call, path):
    answer = call("get", path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_way_that_is_not_open_names_those_that_are(call):
    answer = call("put", "/models")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.mimetype == "application/problem+json"


def test_a_misspelt_filter_is_refused_and_not_passed_over(call):
    answer = call("get", "/audit?modle=taxi-fare")
    assert answer.status_code == 422
    assert "modle" in answer.json["detail"]


def test_a_ledger_that_is_away_is_said_in_json():
    answer = create_app(create_engine("sqlite:////nowhere/at/all.db")).test_client().get("/api/v1/models")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")


def test_a_caller_gone_wild_is_slowed_down(app):
    client = app.test_client()
    codes = [client.get("/api/v1/me").status_code for _ in range(605)]
    assert codes.count(200) == 600
    last = client.get("/api/v1/me")
    assert (last.status_code, last.mimetype) == (429, "application/problem+json")
    assert int(last.headers["Retry-After"]) > 0


@pytest.mark.parametrize("name", ["a/b", "..", "<b>x</b>", "مريم 🙂", "%2F", "x" * 900])
def test_any_model_is_found_by_its_name_encoded_twice(call, engine, story, name):
    with writing(engine) as session:
        story.see(session, name, 1, Stage.STAGING)
    answer = call("get", f"/models/{quote_model(name)}")
    assert answer.json["name"] == name


def test_a_version_that_was_deleted_meanwhile_takes_no_more_acts(call, engine, story):
    sent = shown(call) | {"verb": "comment", "comment": "so"}
    with writing(engine) as session:
        session.execute(delete(SightingRow).where(SightingRow.version == 3))
        tell(session, "taxi-fare", 3, EventKind.VERSION_DELETED, at=story.NOW)
    answer = call("post", "/models/taxi-fare/versions/3/acts", Permission.REVIEW, json=sent)
    assert answer.status_code == 409
    assert "taxi-fare 3 was deleted from the registry" in answer.json["detail"]
