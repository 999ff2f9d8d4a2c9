"""Commands of the demo's story, run in processes of their own."""

import os

import psutil
import pytest

from gatehouse.demo.trainer import CommandFailed, run


@pytest.fixture
def environ(tmp_path):
    (tmp_path / "long.py").write_text("import time\nprint('ready', flush=True)\ntime.sleep(600)\n")
    (tmp_path / "failing.py").write_text("print('no such trips')\nraise SystemExit(2)\n")
    return os.environ | {"PYTHONPATH": str(tmp_path)}


def test_a_command_ends_with_the_story_that_started_it(environ):
    def stopped(line):
        raise KeyboardInterrupt(line)

    with pytest.raises(KeyboardInterrupt, match="ready"):
        run("long", say=stopped, environ=environ)
    assert [child.cmdline() for child in psutil.Process().children() if "long" in child.cmdline()] == []


def test_a_command_that_fails_tells_its_code_and_its_last_words(environ):
    with pytest.raises(CommandFailed, match="no such trips") as failed:
        run("failing", say=lambda _: None, environ=environ)
    assert (failed.value.code, failed.value.said) == (2, "no such trips")
