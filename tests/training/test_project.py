"""The MLflow Project, run as anybody would: by `mlflow run` with the packages that are here."""

import os
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest
import yaml

from tests.databases import new_mlflow

PROJECT = Path(__file__).parents[2] / "training"
pytestmark = pytest.mark.filterwarnings("ignore")
ENTRIES = yaml.safe_load((PROJECT / "MLproject").read_text())["entry_points"]
OWN_NAMES = {"etl": {"trips": "data"}}
"""Parameters that are called otherwise than the option they become."""
WITH_UV = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
NOTHING = {}


@pytest.fixture
def project(tmp_path):
    uri = new_mlflow(tmp_path)
    ours = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    environ = ours | {"MLFLOW_TRACKING_URI": uri, "PATH": WITH_UV["PATH"], "HOME": str(tmp_path)}

    def run(entry, manager="local", more=NOTHING, **words):
        options = [part for name, value in words.items() for part in ("-P", f"{name}={value}")]
        command = [sys.executable, "-m", "mlflow", "run", str(PROJECT), "-e", entry, "--env-manager", manager]
        done = subprocess.run(
            [*command, *options],
            cwd=tmp_path,
            env=environ | more,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run, mlflow.MlflowClient(uri, registry_uri=uri)


@pytest.mark.keras
def test_from_trips_to_an_answer_by_the_entry_points(project, tmp_path):
    from training.trip_files import write

    run, client = project
    write(tmp_path / "trips.csv", 800, 5, lambda _: None)
    folder = tmp_path / "splits"
    run("etl", trips=tmp_path / "trips.csv", out=folder, engine="duckdb")
    said = run("train", data=folder, owner="pricing", model="boosted", epochs=5)
    assert said.splitlines()[-1] == "1"
    version = client.get_model_version("taxi-fare", "1")
    assert version.tags["owner"] == "pricing"
    assert run("register", run=version.run_id, owner="pricing").splitlines()[-1] == "2"
    client.transition_model_version_stage("taxi-fare", "2", "Production")
    assert "true fare" in run("predict", data=folder / "holdout.parquet", rows=2)


@pytest.fixture
def uv_settings(tmp_path):
    """Where uv keeps wheels and finds its settings, whatever HOME a test has; without an index it cannot be run."""
    asked = subprocess.run(["uv", "cache", "dir"], capture_output=True, text=True, check=True, env=WITH_UV)
    wanted = tmp_path / "requirements.txt"
    wanted.write_text("\n".join(yaml.safe_load((PROJECT / "python_env.yaml").read_text())["dependencies"]))
    for words in (
        ("python", "find", "3.11"),
        ("pip", "compile", "--quiet", "--python-version", "3.11", str(wanted)),
    ):
        done = subprocess.run(["uv", *words], capture_output=True, text=True, check=False, env=WITH_UV)
        if done.returncode:
            pytest.skip(f"uv cannot install the project's packages here: {done.stderr.strip()[-300:]}")
    settings = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return {
        "UV_CACHE_DIR": asked.stdout.strip(),
        "XDG_CONFIG_HOME": settings,
        "MLFLOW_ENV_ROOT": str(tmp_path / "envs"),
    }


def test_uv_installs_the_project_s_own_packages_and_runs_an_entry_point_on_them(
    project, tmp_path, uv_settings
):
    from training.trip_files import write

    run, _ = project
    write(tmp_path / "trips.csv", 500, 5, lambda _: None)
    run(
        "etl",
        manager="uv",
        more=uv_settings,
        trips=tmp_path / "trips.csv",
        out=tmp_path / "splits",
        engine="duckdb",
    )
    assert (tmp_path / "splits" / "summary.json").is_file()
    (environment,) = (tmp_path / "envs").rglob("pyvenv.cfg")
    assert (environment.parent / "bin" / "python").exists()


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_parameter_is_an_option_of_the_command(entry):
    command = ENTRIES[entry]["command"]
    module = command.split("python -m ")[1].split()[0]
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        cwd=PROJECT.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in ENTRIES[entry]["parameters"]:
        option = f"--{OWN_NAMES.get(entry, {}).get(name, name).replace('_', '-')}"
        assert f"{option} {{{name}}}" in command
        assert option in done.stdout
