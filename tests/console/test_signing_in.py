"""One-time links, sessions, forms and headers, as a browser sees them and as an attacker tries them."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from console.app import create_app
from console.roles import Role
from console.settings import ConsoleSettings
from console.signin.entering import (
    LASTS,
    LINK_LASTS,
    SigninRefused,
    enter_by_link,
    leave_everywhere,
    make_link,
)
from console.signin.views import local
from ledger import signins
from ledger.engine import reading
from ledger.signin_links import Link

HTTPS = ConsoleSettings(console_url="https://gate.example.org", console_secret=SecretStr("k" * 32))
TEMPLATES = sorted(Path("console/templates").glob("**/*.html"))


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock(story):
    return Clock(story.NOW)


@pytest.fixture
def app(engine, clock):
    return create_app(engine, clock=clock)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def code(engine, story):
    return code_for(engine, story.NOW)


def code_for(engine, now, name="grace", role=Role.VIEWER):
    return make_link(engine, Link(name, role), console_url="http://g", now=now).partition("#")[2]


def enter(client, story, code):
    return client.post("/signin", data={"code": code, "csrf_token": story.form_token(client)})


def name_on(client):
    """Whom the page greets; None for a visitor."""
    found = re.search(
        r'class="who".*?<a class="me"[^>]*>(.*?)</a>', client.get("/").get_data(as_text=True), re.DOTALL
    )
    return found and found[1]


def record(engine):
    with reading(engine) as session:
        return [(each.name, each.what) for each in signins.latest(session, limit=9)]


def test_a_link_signs_in_once(client, app, story, code, engine):
    answer = enter(client, story, code)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert name_on(client) == "grace"
    second = app.test_client()
    refused = enter(second, story, code)
    assert refused.status_code == 403
    assert "used already" in refused.get_data(as_text=True)
    assert name_on(second) is None
    assert record(engine) == [("", "refused"), ("grace", "signed in"), ("grace", "link made")]


def test_of_many_that_use_a_link_at_the_same_moment_one_gets_in(engine, story, code):
    def use(_):
        try:
            return enter_by_link(engine, code, story.NOW).name
        except SigninRefused:
            return None

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(use, range(8)), key=str) == [None] * 7 + ["grace"]


def test_looking_at_a_link_does_not_use_it_up(client, story, code):
    for address in ("/signin", f"/signin?code={code}", "/signin#" + code):
        for method in (client.get, client.head):
            assert method(address).status_code == 200
    assert enter(client, story, code).status_code == 303


@pytest.mark.parametrize("broken", ["", "x" * 43, "🔥" * 20, "a" * 5000, "%00"])
def test_what_is_no_link_is_refused(client, story, code, broken):
    assert enter(client, story, broken).status_code == 403
    assert enter(client, story, f"  {code}\n").status_code == 303


def test_a_link_is_good_for_a_short_time(client, story, code, clock):
    clock.now += LINK_LASTS
    assert enter(client, story, code).status_code == 403


def test_nothing_that_is_kept_lets_anybody_in(client, story, code, engine, tmp_path):
    enter(client, story, code)
    secret = client.get_cookie("gatehouse").value
    code_for(engine, story.NOW, "other")
    engine.dispose()
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("ledger.db*"))
    assert b"grace" in kept
    assert secret.encode() not in kept
    assert code.encode() not in kept


def test_a_session_ends_by_signing_out_and_its_cookie_is_worth_nothing(client, app, story, code):
    enter(client, story, code)
    stolen = client.get_cookie("gatehouse").value
    answer = client.post("/signout", data={"csrf_token": story.form_token(client)})
    assert answer.status_code == 303
    assert client.get_cookie("gatehouse") is None
    thief = app.test_client()
    thief.set_cookie("gatehouse", stolen)
    assert name_on(thief) is None


def test_signing_out_everywhere_ends_every_session_and_voids_open_links(app, story, engine):
    here, there, other = (app.test_client() for _ in range(3))
    for client, name in ((here, "grace"), (there, "Grace "), (other, "ann")):
        enter(client, story, code_for(engine, story.NOW, name))
    unused = code_for(engine, story.NOW)
    here.post("/signout/everywhere", data={"csrf_token": story.form_token(here)})
    assert [name_on(client) for client in (here, there, other)] == [None, None, "ann"]
    assert enter(there, story, unused).status_code == 403


def test_the_session_of_a_removed_person_is_over_at_their_next_click(client, story, code, engine):
    enter(client, story, code)
    token = story.form_token(client)
    assert leave_everywhere(engine, "grace", story.NOW, by="admin") == 1
    assert client.post("/signout/everywhere", data={"csrf_token": token}).status_code == 303
    assert name_on(client) is None


def test_a_session_lasts_half_a_day(client, story, code, clock):
    enter(client, story, code)
    clock.now += LASTS - timedelta(seconds=1)
    assert name_on(client) == "grace"
    clock.now += timedelta(seconds=1)
    assert name_on(client) is None


def test_a_cookie_planted_before_is_not_taken_over(client, story, code):
    client.set_cookie("gatehouse", "planted")
    enter(client, story, code)
    assert client.get_cookie("gatehouse").value != "planted"


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "مريم 🙂", "x" * 3000, "a&b'\"c"])
def test_any_name_is_drawn_as_words(client, story, engine, name):
    enter(client, story, code_for(engine, story.NOW, name))
    page = client.get("/").get_data(as_text=True)
    assert "<script>alert" not in page
    assert page.count("Sign out") == 1


def test_a_form_from_another_site_changes_nothing(client, app, story, code, engine):
    enter(client, story, code)
    other = app.test_client()
    enter(other, story, code_for(engine, story.NOW, "mallory"))
    for forged in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": story.form_token(other)}):
        for path in ("/signout", "/signout/everywhere", "/signin"):
            assert client.post(path, data=forged).status_code == 400
    assert name_on(client) == "grace"


def test_cookies_go_to_us_alone_and_over_https_only_there(engine, story, clock):
    secure = create_app(engine, HTTPS, clock=clock).test_client()
    base = "https://gate.example.org"
    page = secure.get("/signin", base_url=base)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))[1]
    sent = {"code": code_for(engine, story.NOW), "csrf_token": token}
    answer = secure.post("/signin", data=sent, base_url=base, headers={"Referer": f"{base}/signin"})
    assert answer.status_code == 303
    handed = [*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]
    assert {each.partition("=")[0] for each in handed} == {"__Host-gatehouse", "__Host-gatehouse-forms"}
    for each in handed:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(each.split("; "))
        assert "Domain" not in each
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_on_plain_http_cookies_are_out_of_reach_of_scripts_all_the_same(client, story, code):
    [handed] = [
        each
        for each in enter(client, story, code).headers.getlist("Set-Cookie")
        if each.startswith("gatehouse=")
    ]
    assert {"HttpOnly", "SameSite=Lax"} <= set(handed.split("; "))
    assert "Secure" not in handed


@pytest.mark.parametrize("path", ["/", "/signin", "/channel", "/nowhere", "/healthz", "/static/console.css"])
def test_every_answer_carries_the_security_headers(client, path):
    with client.get(path) as answer:
        headers = answer.headers
    policy = dict(each.strip().partition(" ")[::2] for each in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in str(policy)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_a_script_or_a_style_of_its_own(template):
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", text, re.IGNORECASE)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_changes_something_carries_its_token(template):
    forms = re.findall(r'<form[^>]*method="post".*?</form>', template.read_text(encoding="utf-8"), re.DOTALL)
    assert all("csrf_token()" in form for form in forms)


def test_what_one_person_sees_is_kept_in_no_cache(client, story, code):
    assert client.get("/").headers["Cache-Control"] == "no-cache"
    enter(client, story, code)
    assert client.get("/").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("wanted", "lands"),
    [
        ("/models/m/3?x=1", "/models/m/3?x=1"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_one_lands_on_the_page_that_was_asked_for_if_it_is_ours(client, story, code, wanted, lands):
    client.get("/signin", query_string={"next": wanted})
    assert enter(client, story, code).headers["Location"] == lands


@pytest.mark.parametrize("target", ["/", "/a//b", "/models/%2F%2Fx", "/?next=//x"])
def test_a_page_of_ours_is_known_as_ours(target):
    assert local(target)
