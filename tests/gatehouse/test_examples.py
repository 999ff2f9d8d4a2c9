"""The examples for repositories of policies: their commands can be called, their hooks exist, and do their work."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from gatehouse.cli import main
from policies.source import read_source
from tests.policies.made import SMALLEST

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"


def data(path):
    source = read_source(path.read_bytes(), path.name)
    assert not source.problems
    return source.root.value


HOOKS = {hook["id"]: hook for hook in data(ROOT / ".pre-commit-hooks.yaml")}
STEPS = data(EXAMPLES / "github-actions.yaml")["jobs"]["policies"]["steps"]
RUN = [step["run"] for step in STEPS if step.get("run", "").startswith("gatehouse ")]


def called(words, folder):
    """A command run as it stands, in a folder of its own."""
    entry = "from gatehouse.cli import main; main()"
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", entry, *words], cwd=folder, env=environ, capture_output=True, check=False
    )


@pytest.mark.parametrize("line", RUN, ids=lambda line: line.split()[2])
def test_every_command_of_the_workflow_can_be_called(line, tmp_path, monkeypatch):
    (tmp_path / "policies").mkdir()
    monkeypatch.chdir(tmp_path)
    words = shlex.split(re.split(r" [|>] ", line)[0])[1:]
    command, context = main, click.Context(main)
    while isinstance(command, click.Group):
        command = command.get_command(context, words.pop(0))
    command.make_context("example", words)


def test_the_workflow_checks_tests_compares_and_backtests():
    assert [line.split()[2] for line in RUN] == ["check", "test", "diff", "backtest"]


def test_the_pre_commit_example_names_hooks_that_there_are():
    (repo,) = data(EXAMPLES / "pre-commit-config.yaml")["repos"]
    assert {hook["id"] for hook in repo["hooks"]} == HOOKS.keys()


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
@pytest.mark.parametrize(
    ("text", "code"), [(SMALLEST, 0), (SMALLEST.replace("rmse", "rsme"), 1)], ids=["sound", "broken"]
)
def test_a_hook_stops_a_commit_of_what_is_broken(hook, text, code, tmp_path):
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "policy.yaml").write_text(text)
    (folder / "cases.yaml").write_text(
        "cases: [{case: no champion, from: staging, given: {measured: {rmse: 4}}, answer: ask}]"
    )
    done = called([*shlex.split(hook["entry"])[1:], "policies"], tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
