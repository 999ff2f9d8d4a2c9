"""The example of a team's own gate: built as a package, installed, and known to every tool."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "own-gate"
TESTS = EXAMPLE / "tests"


def run(site, *command, cwd):
    environ = os.environ | {"PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder of installed packages: the wheel that the example builds."""
    source, target = tmp_path_factory.mktemp("source") / "own-gate", tmp_path_factory.mktemp("site")
    shutil.copytree(EXAMPLE, source)
    built = run("", "-m", "hatchling", "build", "-t", "wheel", cwd=source)
    assert built.returncode == 0, built.stderr
    (wheel,) = (source / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(target)
    return target


@pytest.fixture
def gatehouse(site, tmp_path):
    def call(*words):
        return run(site, "-c", "from gatehouse.cli import main; main()", "policy", *words, cwd=tmp_path)

    return call


def test_its_own_tests_pass_where_it_is_installed(site, tmp_path):
    done = run(site, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(TESTS), cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_check_and_test_take_its_policy(gatehouse):
    checked, tested = gatehouse("check", str(TESTS)), gatehouse("test", str(TESTS))
    assert (checked.stdout, checked.stderr) == ("1 policy fine: house-price\n", "")
    assert "4 cases answered as written" in tested.stdout


def test_it_stands_in_the_page_and_in_the_schema(gatehouse):
    assert "1.25 for normal errors" in gatehouse("doc", str(TESTS)).stdout
    schema = json.loads(gatehouse("schema").stdout)["$defs"]["ErrorTail"]
    assert schema["required"] == ["error_tail"]
    assert schema["properties"]["error_tail"]["description"] == "The largest RMSE / MAE that passes."
    assert schema["examples"] == [{"error_tail": 2.5}]


def test_where_it_is_not_installed_its_policy_is_a_problem(tmp_path):
    done = run(
        tmp_path, "-c", "from gatehouse.cli import main; main()", "policy", "check", str(TESTS), cwd=tmp_path
    )
    assert done.returncode == 1
    assert "policy.yaml:8:10: unknown gate 'error_tail'" in done.stdout
