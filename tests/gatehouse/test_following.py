"""`gatehouse follow` and `gatehouse mute`."""

import json

import pytest
from click.testing import CliRunner

from gatehouse.cli import main


@pytest.fixture(autouse=True)
def _ledger(ledger_url, tmp_path, monkeypatch):
    monkeypatch.setenv("GATEHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("GATEHOUSE_LEDGER_URL", ledger_url)


def run(*words):
    said = CliRunner().invoke(main, words)
    return said.exit_code, said.output


def test_the_last_word_of_a_channel_holds_until_it_is_ended():
    assert run("follow") == (0, "Nobody follows or mutes a model: all are told what the policies say.\n")
    assert run("follow", "taxi-fare", "#pricing") == (0, "#pricing follows taxi-fare from now on.\n")
    assert run("mute", "taxi-fare", "#pricing") == (0, "#pricing mutes taxi-fare from now on.\n")
    assert json.loads(run("mute", "--json")[1]) == [
        {"channel": "#pricing", "state": "mute", "model": "taxi-fare"}
    ]
    assert run("mute", "taxi-fare", "#pricing", "--end")[0] == 0
    assert run("mute", "taxi-fare", "#pricing", "--end")[0] == 1


@pytest.mark.parametrize("words", [("taxi-fare",), ("taxi-fare", " "), ("--end",)])
def test_both_must_be_named(words):
    code, said = run("follow", *words)
    assert code == 2
    assert "gatehouse follow MODEL CHANNEL" in said
