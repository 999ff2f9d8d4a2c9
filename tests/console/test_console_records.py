"""Policies, deliveries and the audit: pages of what is kept, and its files."""

import csv
import io
import json
import re
from html import unescape

import pytest

from console.app import create_app
from console.roles import Role
from console.settings import ConsoleSettings
from ledger import inbox
from ledger.engine import reading, writing
from ledger.trail import Chosen, everything, newest
from registry.events import EventKind, RegistryEvent
from tests.console import rich

POLICY = """\
policy: fares
description: What a fare model must show
owners: [pricing]
models: [taxi-fare, "taxi-*"]
transitions:
  - from: staging
    to: production
    gates:
      - {logged_metric: val_rmse, max: 5.0}
    approvals: [{count: 1, from: [pricing]}]
"""
CASES = """\
groups: {pricing: [ada]}
cases:
  - case: a good one is asked about
    from: staging
    given: {logged: {val_rmse: 4}}
    answer: ask
  - case: one that is answered otherwise
    from: staging
    given: {logged: {val_rmse: 4}}
    answer: promote
"""


def text_of(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status
    return unescape(answer.get_data(as_text=True))


@pytest.fixture
def folder(tmp_path):
    there = tmp_path / "policies"
    (there / "fares").mkdir(parents=True)
    (there / "fares" / "policy.yaml").write_text(POLICY)
    (there / "reviewers.yaml").write_text("groups: {pricing: [ada, grace]}\n")
    return there


@pytest.fixture
def over(engine, folder):
    return create_app(engine, ConsoleSettings(policies=folder), clock=lambda: rich.NOW).test_client()


def test_a_policy_reads_as_a_page_with_its_cases(over, folder):
    page = text_of(over, "/policies")
    assert "What a fare model must show" in page
    assert "ada, grace" in page
    page = text_of(over, "/policies/fares")
    assert "logged_metric val_rmse, max 5.0" in page
    assert "There is no cases.yaml beside policy.yaml" in page
    (folder / "fares" / "cases.yaml").write_text(CASES)
    page = text_of(over, "/policies/fares")
    assert "1 of 2 answered as written" in page
    assert "the answer is ask, not promote" in page


def test_a_policy_that_is_broken_now_is_told_with_its_place_and_its_last_good_text_is_shown(
    over, folder, engine
):
    from workers.in_force import take_in_force

    take_in_force(engine, folder, rich.NOW)
    (folder / "fares" / "policy.yaml").write_text(POLICY.replace("max: 5.0", "max: five"))
    assert "policy.yaml:9:" in text_of(over, "/policies")
    page = text_of(over, "/policies/fares")
    assert "this is its last good text" in page
    assert "max 5.0" in page


def test_without_policies_the_page_says_how_to_write_one(engine, tmp_path):
    empty = tmp_path / "none"
    empty.mkdir()
    client = create_app(engine, ConsoleSettings(policies=empty), clock=lambda: rich.NOW).test_client()
    assert "gatehouse policy new" in text_of(client, "/policies")
    assert "No policy named 'nope' is in force" in text_of(client, "/policies/nope", 404)


def test_what_past_decisions_would_be_by_the_text_in_force_is_told(over, engine, story, folder):
    (folder / "fares" / "policy.yaml").write_text(POLICY.replace("policy: fares", "policy: taxi-fare"))
    story.furnish(engine)
    assert re.search(r"Of the newest 3 decisions .* 3 cannot be told", text_of(over, "/policies/taxi-fare"))


@pytest.fixture
def delivered(engine):
    with writing(engine) as session:
        for number, kind in enumerate([EventKind.VERSION_CREATED, EventKind.TAG_SET] * 30):
            event = RegistryEvent(kind=kind, model=f"m{number % 2}", version=number + 1)
            source = "mlflow" if number % 2 else "databricks"
            inbox.store_delivery(
                session,
                delivery_id=f"d{number}",
                source=source,
                body=f'{{"<b>": {number}}}' + "x" * 5_000,
                now=rich.NOW,
            )
            inbox.record_event(
                session, event, origin="webhook", now=rich.NOW, delivery_id=f"d{number}",
                ignored="Gatehouse's own tag" if number == 59 else None,
            )  # fmt: skip
        inbox.record_event(session, event, origin="replay", now=rich.NOW, delivery_id="d59")


def rows_of(page):
    return re.findall(r"<summary>(d\d+)</summary>", page)


def test_deliveries_are_shown_newest_first_filtered_and_a_page_at_a_time(client, delivered):
    first = text_of(client, "/deliveries")
    assert rows_of(first) == [f"d{number}" for number in range(59, 9, -1)]
    assert "ignored: Gatehouse's own tag" in first
    assert "replayed once" in first
    assert "The rest: gatehouse deliveries --json" in first
    older = re.search(r'rel="next" href="([^"]*)"', first)[1]
    assert rows_of(text_of(client, older)) == [f"d{number}" for number in range(9, -1, -1)]
    of_one = rows_of(text_of(client, "/deliveries?model=m1&source=mlflow"))
    assert of_one == [f"d{number}" for number in range(59, 0, -2)]
    assert "Nothing like that has come in" in text_of(client, "/deliveries?model=none")


def test_only_an_operator_replays_a_delivery_and_its_version_is_looked_at_again(
    client, engine, delivered, story, sign_in
):
    assert "Replay" not in text_of(client, "/deliveries").replace("replayed", "")
    sent = {"id": "d1", "csrf_token": story.form_token(client)}
    assert client.post("/deliveries/replay", data=sent).status_code == 401
    sign_in(client, "olga", Role.VIEWER)
    sent["csrf_token"] = story.form_token(client)
    assert client.post("/deliveries/replay", data=sent).status_code == 403
    sign_in(client, "oleg", Role.OPERATOR)
    sent["csrf_token"] = story.form_token(client)
    assert client.post("/deliveries/replay", data=sent | {"csrf_token": "x"}).status_code == 400
    assert client.post("/deliveries/replay", data=sent | {"id": "nope"}).status_code == 404
    assert client.post("/deliveries/replay", data=sent).headers["Location"] == "/deliveries"
    page = text_of(client, "/deliveries")
    assert "Not replayed: it cannot be read" in page


def test_the_audit_is_filtered_and_paged_without_a_line_lost_or_told_twice(client, engine):
    rich.furnish(engine)
    with reading(engine) as session:
        lines = [(line.entry.kind, line.id) for line in everything(session, Chosen())]
    seen, path = [], "/audit"
    while path:
        page = text_of(client, path)
        times = re.findall(r"<td data-label=\"When\"><time datetime=\"([^\"]+)\"", page)
        seen += times
        onward = re.search(r'rel="next" href="([^"]*)"', page)
        path = onward and onward[1]
    assert len(seen) == len(lines) == len(set(lines))
    of_kind = text_of(client, "/audit?kind=decision&model=taxi-fare&version=12")
    assert len(re.findall("<tr>", of_kind)) == 2
    assert "waiting for approval by pricing (1), risk (1)" in of_kind
    assert "Nothing is on record like that" in text_of(client, "/audit?since=2030-01-01")
    assert text_of(client, "/audit?since=nonsense&kind=x&version=y&before=zz9.event") == text_of(
        client, "/audit?since=nonsense&kind=x&version=y"
    )


def test_pages_of_the_trail_go_on_where_the_last_one_ended_also_when_more_comes_in(engine):
    rich.furnish(engine)
    with reading(engine) as session:
        whole = [(line.entry.kind, line.id) for line in newest(session, Chosen(), below={}, limit=10_000)[0]]
    with reading(engine) as session:
        first, below = newest(session, Chosen(), below={}, limit=7)
    with writing(engine) as session:
        rich.tell(session, "late", 1, EventKind.VERSION_CREATED, at=rich.NOW)
    found = [(line.entry.kind, line.id) for line in first]
    while below:
        with reading(engine) as session:
            lines, below = newest(session, Chosen(), below=below, limit=7)
        found += [(line.entry.kind, line.id) for line in lines]
    assert sorted(found) == sorted(whole)


def test_the_whole_trail_is_a_file_in_which_nothing_is_a_formula(client, engine):
    rich.furnish(engine, '=HYPERLINK("http://x")')
    whole = client.get("/audit.csv")
    assert whole.headers["Content-Disposition"] == "attachment; filename=gatehouse-audit.csv"
    rows = list(csv.DictReader(io.StringIO(whole.get_data(as_text=True))))
    lines = [json.loads(line) for line in client.get("/audit.jsonl").get_data(as_text=True).splitlines()]
    assert len(rows) == len(lines) > 50
    assert {row["model"][0] for row in rows if "HYPERLINK" in row["model"]} == {"'"}
    decisions = [line["id"] for line in lines if line["kind"] == "decision"]
    assert decisions == sorted(decisions)
    chosen = client.get("/audit.jsonl?kind=approval").get_data(as_text=True).splitlines()
    assert {json.loads(line)["kind"] for line in chosen} == {"approval"}
    assert client.get("/audit.xml").status_code == 404


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/deliveries", "gatehouse webhooks list"),
        ("/audit", "It fills as soon as a registered model is seen"),
        ("/channel?model=none", "Nobody has been told anything of none"),
    ],
)
def test_empty_pages_say_what_to_do(client, path, says):
    assert says in text_of(client, path)
