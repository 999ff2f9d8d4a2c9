"""Tokens: what they open, for how long, and how they end."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from console.app import create_app
from console.roles import Permission
from console.signin.groups import Reviewers
from console.signin.guard import needs
from console.signin.tokens import Wanted, make_token, revoke_token
from gatehouse.cli import main
from ledger import signins, tokens
from ledger.engine import reading

DAY = timedelta(days=1)


@pytest.fixture
def app(engine, story):
    app = create_app(engine, clock=lambda: story.NOW)
    for permission in Permission:
        app.add_url_rule(f"/{permission}", permission, needs(permission)(lambda: "in"), methods=["POST"])
    return app


@pytest.fixture
def call(app):
    """Calls with a token, as a script does: no cookie, no form."""
    return lambda text, path="/see": app.test_client().post(path, headers={"Authorization": f"Bearer {text}"})


@pytest.fixture
def token(engine, story):
    def make(*scopes, name="ci", lasts=DAY, ago=timedelta()):
        wanted = Wanted(name, frozenset(scopes or {Permission.SEE}), lasts, made_by="ann", note="nightly")
        return make_token(engine, wanted, story.NOW - ago)

    return make


@pytest.mark.parametrize("scope", Permission)
def test_a_token_opens_what_it_is_for_and_nothing_else(app, call, token, scope):
    app.config["REVIEWERS"] = lambda: Reviewers(breaking=frozenset({"ci"}))
    _, text = token(scope)
    assert {p for p in Permission if call(text, f"/{p}").status_code == 200} == {scope}


def test_a_token_breaks_the_glass_only_while_a_policy_names_its_person(app, call, token):
    _, text = token(Permission.PROMOTE)
    assert call(text, "/promote").status_code == 403
    app.config["REVIEWERS"] = lambda: Reviewers(breaking=frozenset({"ci"}))
    assert call(text, "/promote").status_code == 200


def test_a_token_reviews_only_while_its_person_is_in_a_group(app, call, token):
    _, text = token(Permission.REVIEW, name="Grace")
    asked = frozenset({"pricing"})
    app.config["REVIEWERS"] = lambda: Reviewers({"pricing": frozenset({"grace"})}, asked)
    assert call(text, "/review").status_code == 200
    app.config["REVIEWERS"] = lambda: Reviewers({"pricing": frozenset()}, asked)
    assert call(text, "/review").status_code == 403


def test_a_token_ends_when_it_is_revoked_or_has_run_out(call, token, engine, story):
    made, text = token()
    assert call(text).status_code == 200
    assert revoke_token(engine, made.id, by="ann", now=story.NOW)
    assert not revoke_token(engine, made.id, by="ann", now=story.NOW)
    assert call(text).status_code == 401
    assert call(token(ago=DAY)[1]).status_code == 401
    with reading(engine) as session:
        assert [each.what for each in signins.latest(session, limit=2)] == ["token made", "token revoked"]


def test_what_only_looks_like_a_token_opens_nothing(call, token, app):
    made, text = token()
    other = token()[1]
    secret = text.rpartition("_")[2] if text.count("_") == 2 else text.split("_", 2)[2]
    forged = [
        *("", "x", "gatehouse", "gatehouse__", "gatehouse_é_x", "🔥", text + "x", text[:-1], text.upper()),
        *(f"gatehouse_{made.id}_", f"gatehouse_{other.split('_')[1]}_{secret}", f"other_{made.id}_{secret}"),
    ]
    assert {each: call(each.encode().decode("latin-1")).status_code for each in forged} == dict.fromkeys(
        forged, 401
    )
    basic = app.test_client().post("/see", headers={"Authorization": f"Basic {text}"})
    in_address = app.test_client().post(f"/replay?token={text}&access_token={text}")
    assert basic.status_code == 401
    assert in_address.status_code in {400, 401}


def test_a_bad_token_is_not_made_up_for_by_a_cookie(app, sign_in):
    client = app.test_client()
    sign_in(client, "grace")
    assert client.get("/", headers={"Authorization": "Bearer gatehouse_0_0"}).status_code == 401


def test_no_token_is_kept(token, engine):
    made, text = token()
    with reading(engine) as session:
        assert text.split("_", 2)[2] not in str(vars(tokens.find(session, made.id)))


def test_the_command_shows_a_token_once(engine, monkeypatch, call):
    monkeypatch.setenv("GATEHOUSE_LEDGER_URL", engine.url.render_as_string())

    def run(*words):
        return CliRunner().invoke(main, ["token", *words])

    text = run("new", "ci", "--scope", "see", "--days", "366", "--note", "[bold]nightly").output.strip()
    assert text.startswith("gatehouse_")
    [listed] = json.loads(run("list", "--json").output)
    assert (listed["name"], listed["scopes"], listed["revoked"]) == ("ci", ["see"], None)
    assert "[bold]nightly" in run("list").output
    for output in (run("list").output, json.dumps(listed)):
        assert text.split("_", 2)[2] not in output
    assert run("revoke", listed["id"]).exit_code == 0
    assert run("revoke", listed["id"]).exit_code == 1
    assert run("new", " ").exit_code == 2
    assert "revoked" in run("list").output
