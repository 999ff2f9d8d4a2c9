"""`docs/bring-your-own-model.md`, done as it says: its files written, its commands run, in its order."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest

from gatehouse.stack.ports import Ports
from gatehouse.up_command import open_stack
from tests.e2e.conftest import Running

PAGE = (Path(__file__).parents[2] / "docs" / "bring-your-own-model.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [line for kind, text in BLOCKS if not kind for line in text.splitlines()]
UP = next(place for place, line in enumerate(COMMANDS) if "gatehouse up" in line)
JUDGED = {
    "python train.py 0.1": (1, "promote"),
    "python train.py 1000": (2, "reject"),
    "python train.py 0.05": (3, "ask"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("tutorial")
    for kind, text in BLOCKS:
        if kind:
            file = made / text.partition("\n")[0].removeprefix("# ")
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
    return made


def run(line, folder, **environ):
    words = shlex.split(line)
    gatehouse = [sys.executable, "-c", "from gatehouse.cli import main; main()"]
    program = {"python": [sys.executable], "gatehouse": gatehouse}[words[0]]
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "GATEHOUSE_"))}
    environ = ours | {"PYTHONWARNINGS": "ignore"} | environ
    done = subprocess.run(
        [*program, *words[1:]], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.e2e
def test_every_file_and_every_command_does_what_the_page_says(folder):
    for line in COMMANDS[:UP]:
        run(line, folder)
    variable, options = COMMANDS[UP].split(" gatehouse up ")
    home, policies = folder / ".gatehouse", folder / shlex.split(options)[1]
    datasets = {variable.partition("=")[0]: str(folder / "holdout.parquet")}
    said = {}
    with open_stack(
        home,
        policies,
        report=lambda _: None,
        datasets=datasets,
        wanted=Ports(mlflow=0, receiver=0, console=0, redis=0),
    ) as stack:
        running = Running(stack, home)
        for line in COMMANDS[UP + 1 :]:
            said[line] = run(
                line, folder, GATEHOUSE_HOME=str(home), MLFLOW_TRACKING_URI=stack.site.registry_url
            )
            if line in JUDGED:
                version, answer = JUDGED[line]
                running.decided("progression", version, "Staging -> Production", answer)
        client = mlflow.MlflowClient(stack.site.registry_url, stack.site.registry_url)
        assert running.eventually(
            lambda: client.get_model_version("progression", "3").current_stage == "Production"
        )
        assert client.get_model_version("progression", "2").current_stage == "Archived"
        running.ledger.dispose()
    assert "rmse" in said["gatehouse explain progression 2"]
