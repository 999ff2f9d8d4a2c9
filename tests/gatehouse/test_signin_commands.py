"""`gatehouse signin` and `signout`: links that work once, for names that can be names."""

import json

import pytest
from click.testing import CliRunner

from console.app import create_app
from gatehouse.cli import main


@pytest.fixture
def run(ledger_url, monkeypatch):
    monkeypatch.setenv("GATEHOUSE_LEDGER_URL", ledger_url)
    monkeypatch.setenv("GATEHOUSE_CONSOLE_URL", "https://gate.example.org/")
    return lambda *words: CliRunner().invoke(main, words)


def form_token(client):
    return (
        client.get("/signin")
        .get_data(as_text=True)
        .partition('name="csrf_token" value="')[2]
        .partition('"')[0]
    )


def test_a_printed_link_signs_in_and_signout_ends_it(run, ledger):
    url = run("signin", " Grace  Hopper ", "--role", "operator").output.strip()
    assert url.startswith("https://gate.example.org/signin#")
    client = create_app(ledger).test_client()
    sent = {"code": url.partition("#")[2], "csrf_token": form_token(client)}
    assert client.post("/signin", data=sent).status_code == 303
    me = client.get("/api/v1/me").json
    assert (me["name"], me["roles"]) == ("Grace Hopper", ["operator", "reviewer", "viewer"])
    assert json.loads(run("signout", "grace hopper", "--json").output) == {"name": "grace hopper", "ended": 1}
    assert client.get("/api/v1/me").json["name"] == ""
    assert run("signout", "grace hopper").output == "0 sessions ended.\n"


def test_a_link_says_for_machines_how_long_it_is_good(run):
    made = json.loads(run("signin", "grace", "--json").output)
    assert (made["name"], made["role"], made["seconds"]) == ("grace", "viewer", 900)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb", "gr\u202eace"])
def test_what_cannot_be_a_name_is_a_wrong_call(run, name):
    for command in ("signin", "signout"):
        assert run(command, name).exit_code == 2


@pytest.mark.parametrize("role", ["reviewer", "keyholder"])
def test_nobody_is_made_what_only_a_policy_can_make_them_by_a_link(run, role):
    refused = run("signin", "grace", "--role", role)
    assert refused.exit_code == 2
    assert "viewer" in refused.output
