"""The environment wins over the running stack's file, and the file over what is built in."""

from pathlib import Path

import pytest

from registry.settings import RegistrySettings, env_file, home


@pytest.fixture
def stack_file(tmp_path, monkeypatch):
    monkeypatch.setenv("GATEHOUSE_HOME", str(tmp_path))
    monkeypatch.delenv("GATEHOUSE_REGISTRY_URL", raising=False)
    return tmp_path / "local.env"


def test_nothing_said_means_mlflow_on_this_machine(stack_file):
    assert RegistrySettings().registry_url == "http://127.0.0.1:5000"


def test_a_running_stack_is_found_by_its_file(stack_file):
    stack_file.write_text("GATEHOUSE_REGISTRY_URL='http://127.0.0.1:5999'\nGATEHOUSE_OTHER=1\n")
    assert RegistrySettings().registry_url == "http://127.0.0.1:5999"


def test_the_environment_wins(stack_file, monkeypatch):
    stack_file.write_text("GATEHOUSE_REGISTRY_URL=http://127.0.0.1:5999\n")
    monkeypatch.setenv("GATEHOUSE_REGISTRY_URL", "https://mlflow.example.com")
    assert RegistrySettings().registry_url == "https://mlflow.example.com"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ".gatehouse"),
        ({"GATEHOUSE_HOME": ""}, ".gatehouse"),
        ({"GATEHOUSE_HOME": "/srv/gate"}, "/srv/gate"),
    ],
    ids=["unset", "empty", "set"],
)
def test_the_home_folder(environ, expected):
    assert home(environ) == Path(expected)
    assert env_file(environ) == Path(expected) / "local.env"
