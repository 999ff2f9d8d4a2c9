"""Spark that is not there: said in a sentence, soon, with what to do."""

import os
import re
import socket
import subprocess
import sys
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from training.errors import EngineMissing, EngineRefused, EngineUnavailable
from training.etl import spark_session
from training.etl.__main__ import main
from training.etl.engines import chosen
from training.etl.spark_session import session


@pytest.fixture(autouse=True)
def own_environment():
    """PySpark notes there that Connect was asked for, and would ask for it ever after."""
    with patch.dict(os.environ):
        yield


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("scheme", ["spark", "sc", "k8s://https"], ids=["cluster", "Connect", "Kubernetes"])
def test_a_master_that_is_not_there_is_said_at_once(free_port, scheme):
    address = f"{scheme}://127.0.0.1:{free_port}"
    words = {"remote": address} if scheme == "sc" else {"master": address}
    with pytest.raises(EngineUnavailable, match=f"no Spark answers at .*{free_port}"), session(**words):
        pass


def test_of_several_masters_one_is_enough(free_port):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        spark_session._reach(f"spark://127.0.0.1:{free_port},127.0.0.1:{listening.getsockname()[1]}")


def test_the_command_says_that_a_master_is_not_there(free_port, tmp_path):
    words = [
        "--data",
        "trips.csv",
        "--out",
        str(tmp_path / "out"),
        "--master",
        f"spark://127.0.0.1:{free_port}",
    ]
    ran = CliRunner().invoke(main, words)
    assert ran.exit_code == 3
    assert "no Spark answers" in ran.output
    assert not (tmp_path / "out").exists()


@pytest.mark.spark
@pytest.mark.parametrize("scheme", ["spark", "sc"], ids=["cluster", "Connect"])
def test_a_master_that_takes_connections_and_says_nothing_is_given_up(scheme, tmp_path):
    """In a process of its own: what Spark leaves behind has kept one from ending, long after its message."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        option = "--remote" if scheme == "sc" else "--master"
        address = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
        words = ["--data", "trips.csv", "--out", str(tmp_path / "out"), option, address]
        ran = subprocess.run(
            [sys.executable, "-m", "training.etl", *words],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert ran.returncode == 3
    assert re.search("did not take us within 24 s|cannot be used", ran.stderr)


def test_without_java_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with (
        pytest.raises(EngineMissing, match="needs Java 17 or newer, and there is none on the PATH"),
        session(),
    ):
        pass


def test_without_pyspark_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(spark_session, "find_spec", lambda _: None)
    with (
        pytest.raises(EngineMissing, match=r"pip install 'gatehouse\[spark\]', or use --engine duckdb"),
        session(),
    ):
        pass


@pytest.mark.parametrize(
    ("engine", "master", "remote"),
    [("auto", "", ""), ("auto", "local[2]", ""), ("duckdb", "spark://there:7077", "")],
    ids=["nothing said", "a master that is no cluster", "asked for"],
)
def test_duckdb_does_the_work(engine, master, remote):
    with chosen(engine, master, remote) as at_work:
        assert at_work.name == "DuckDB"


@pytest.mark.parametrize(("master", "remote"), [("spark://127.0.0.1:1", ""), ("", "sc://127.0.0.1:1")])
def test_auto_takes_spark_where_a_cluster_is_configured(master, remote):
    with pytest.raises(EngineUnavailable), chosen("auto", master, remote):
        pass


def test_two_sparks_at_once_are_refused():
    with pytest.raises(EngineRefused), chosen("spark", "local", "sc://there"):
        pass
