import json
import subprocess

import pytest
from click.testing import CliRunner

from gatehouse.policy.group import policy
from tests.policies.made import SMALLEST

STRICTER = SMALLEST.replace("max: 5.0", "max: 4.5")
CHANGE = "taxi-fare: transition staging to production: gate rmse: max 5.0 -> 4.5 (stricter)\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def diff(*args):
    return CliRunner().invoke(policy, ["diff", *args])


def git(folder, *words):
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *words]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def checkout(folder):
    """A repository whose first commit, tagged v1, has one policy in policies/fare; it was changed since."""
    path = folder / "policies" / "fare" / "policy.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(SMALLEST)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    git(folder, "tag", "v1")
    path.write_text(STRICTER)
    return folder


def test_two_files_are_compared(folder):
    (folder / "a.yaml").write_text(SMALLEST)
    (folder / "b.yaml").write_text(STRICTER)
    said = diff("a.yaml", "b.yaml")
    assert (said.exit_code, said.output) == (0, CHANGE)
    assert diff("a.yaml", "a.yaml").output == "Nothing changes.\n"


def test_in_json_each_part_stands_for_itself(folder):
    (folder / "a.yaml").write_text(SMALLEST)
    (folder / "b.yaml").write_text(STRICTER)
    at = ["taxi-fare", "transition staging to production", "gate rmse"]
    told = json.loads(diff("a.yaml", "b.yaml", "--json").output)
    assert told == [{"at": at, "what": "max 5.0 -> 4.5", "effect": "stricter"}]


@pytest.mark.parametrize("path", ["policies", "policies/fare", "policies/fare/policy.yaml"])
def test_a_revision_of_git_is_compared_with(checkout, path):
    said = diff("--since", "v1", path)
    assert (said.exit_code, said.output) == (0, CHANGE)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["a.yaml"], "name an old and a new file"),
        (["--since", "v9", "policies"], "git cannot tell"),
        (["--since", "--output=x", "policies"], "git cannot tell"),
        (["--since", "v1", "a.yaml"], "git cannot tell"),
        (["--since", "v1", "policies", "policies"], "name one file or folder"),
    ],
    ids=["one path", "no revision", "an option for a revision", "not there then", "two paths"],
)
def test_a_wrong_call_is_told(checkout, args, words):
    (checkout / "a.yaml").write_text(SMALLEST)
    said = diff(*args)
    assert (said.exit_code, words in said.output) == (2, True), said.output
    assert not (checkout / "x").exists()


def test_a_file_that_cannot_be_read_is_told_with_its_place(folder):
    (folder / "a.yaml").write_text(SMALLEST)
    (folder / "b.yaml").write_text(SMALLEST + "modle: x\n")
    said = diff("a.yaml", "b.yaml")
    assert (said.exit_code, "b.yaml:10:1: unknown key 'modle'" in said.output) == (1, True)


def test_a_file_that_could_not_be_read_then_is_told_with_its_revision(checkout):
    (checkout / "policies/fare/policy.yaml").write_text("modle: x\n")
    git(checkout, "commit", "--quiet", "--all", "--message", "broken")
    (checkout / "policies/fare/policy.yaml").write_text(SMALLEST)
    said = diff("--since", "HEAD", "policies")
    assert said.exit_code == 1
    assert "HEAD:policies/fare/policy.yaml:1:1: unknown key 'modle'" in said.output
