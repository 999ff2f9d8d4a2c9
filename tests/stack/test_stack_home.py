"""The home folder: locked, private, and clear about what is wrong with it."""

import stat

import pytest
from dotenv import dotenv_values

from gatehouse.stack.errors import StackRefused
from gatehouse.stack.home import open_home


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_second_stack_in_one_home_is_refused_with_the_holder_named(home):
    with pytest.raises(StackRefused, match=r"a stack is running in .*process \d+.*GATEHOUSE_HOME"):
        open_home(home.path).__enter__()


def test_a_home_that_was_left_can_be_opened_again(tmp_path):
    for _ in range(2):
        with open_home(tmp_path / "home") as home:
            assert home.path == tmp_path / "home"


@pytest.mark.parametrize("place", ["file/home", "/proc/home"], ids=["below a file", "read-only"])
def test_a_home_that_cannot_be_written_to_is_refused(tmp_path, place):
    (tmp_path / "file").touch()
    with pytest.raises(StackRefused, match=r"cannot be written to .*GATEHOUSE_HOME"):
        open_home(tmp_path / place).__enter__()


def test_a_secret_is_made_once_and_kept_private(tmp_path):
    made = iter(["first", "second"])
    for _ in range(2):
        with open_home(tmp_path) as home:
            assert home.secret("webhook", lambda: next(made)) == "first"
    assert mode(tmp_path / "secrets" / "webhook") == 0o600
    assert mode(tmp_path / "secrets") == 0o700


def test_an_empty_secret_is_told(home):
    (home.path / "secrets" / "webhook").touch()
    with pytest.raises(StackRefused, match="is empty: delete it"):
        home.secret("webhook", lambda: "new")


@pytest.mark.parametrize("text", ["plain", "with space", "it's", "back\\slash", "#hash", 'say "so"', ""])
def test_settings_for_others_are_read_back_as_written(home, text):
    with home.settings_for_others({"GATEHOUSE_POLICIES": text, "B": "2"}):
        assert dotenv_values(home.local_env) == {"GATEHOUSE_POLICIES": text, "B": "2"}
        assert mode(home.local_env) == 0o600
    assert not home.local_env.exists()
