"""`gatehouse retry`: what was given up is listed, taken up again, and no longer told of."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from gatehouse.cli import main
from ledger import outbox, work
from ledger.engine import reading, writing

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def call(ledger_url, tmp_path, monkeypatch):
    monkeypatch.setenv("GATEHOUSE_LEDGER_URL", ledger_url)
    monkeypatch.setenv("GATEHOUSE_HOME", str(tmp_path))
    return lambda *words: CliRunner().invoke(main, words)


@pytest.fixture
def troubled(ledger):
    """A version that was given up, one that waits, and a message that was given up."""
    with writing(ledger) as session:
        for version, ended, times in ((1, work.fail, work.FAILURES_MAX), (2, work.postpone, 1)):
            work.ring(session, "fare", version, NOW)
            at = NOW
            for _ in range(times):
                at = ended(session, work.claim(session, at), at, "KeyError: 'x'") or at
        draft = outbox.Draft(key="k", model="fare", version=1, text="{}")
        outbox.enqueue(session, draft, via="slack", now=NOW)
        outbox.mark_failed(session, outbox.claim(session, NOW), "404 no such channel", retry=None)


def claimed(ledger):
    with writing(ledger) as session:
        claims = [work.claim(session, datetime.now(UTC)) for _ in range(3)]
        return sorted(claim.version for claim in claims if claim)


def test_status_tells_what_was_given_up_and_how_to_take_it_up(call, troubled):
    said = call("status").output
    assert "given up after 5 tries: KeyError: 'x'; gatehouse retry fare 1" in said
    assert "Messages that no channel took: 1; gatehouse retry --list" in said
    problems = {row["version"]: row["given_up"] for row in json.loads(call("status", "--json").output)}
    assert problems == {1: True, 2: False}


def test_a_list_changes_nothing(call, ledger, troubled):
    said = call("retry", "--list")
    assert said.exit_code == 0
    assert "fare 1 was given up after 5 tries: KeyError: 'x'" in said.output
    assert "fare 2 waited for its next try after one try" in said.output
    assert "a message by slack on fare 1 was given up after one try: 404" in said.output
    assert call("retry", "--list").output == said.output


def test_all_is_taken_up_again(call, ledger, troubled):
    assert call("retry").exit_code == 0
    assert claimed(ledger) == [1, 2]
    with reading(ledger) as session:
        assert outbox.waiting(session, datetime.now(UTC))
    assert "given up" not in call("status").output


def test_one_version_is_taken_up_again(call, ledger, troubled):
    answer = json.loads(call("retry", "fare", "1", "--json").output)
    assert [row["version"] for row in answer["work"]] == [1]
    assert [row["via"] for row in answer["messages"]] == ["slack"]
    with reading(ledger) as session:
        assert not work.problems(session)["fare", 1].given_up


@pytest.mark.parametrize("words", [(), ("tips",), ("tips", "3"), ("--list",)], ids=str)
def test_where_there_is_nothing_the_answer_is_no(call, ledger, words):
    answer = call("retry", *words)
    assert (answer.exit_code, "Nothing was given up" in answer.output) == (1, True)
