"""One local stack for the module: real MLflow, real Redis, real workers."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatehouse.stack.ports import Ports
from gatehouse.up_command import open_stack
from ledger import judgements
from ledger.engine import open_ledger, reading
from tests.databases import new_mlflow

POLICY = """\
policy: e2e
models: ["fare-*"]
datasets:
  holdout: {uri: "${E2E_HOLDOUT}", target: fare_amount, min_rows: 500}
transitions:
  - from: none
    to: staging
    gates:
      - {signature: required}
    on_fail: [{transition: archived}]
  - from: staging
    to: production
    gates:
      - {loads: within 60s}
      - {metric: rmse, max: 15}
      - {metric: mae, compared_to: champion, margin: 2%}
    first_version: promote
    approvals: 1
    on_pass: [{transition: production}, {alias: champion}, {notify: "#team"}]
    on_fail: [{transition: archived}, {notify: author}]
"""
BY_HAND = """\
policy: by-hand
models: [by-hand]
transitions:
  - from: staging
    to: production
    gates:
      - {signature: required}
    approvals: 1
"""
PATIENCE_S = 90


class Running:
    """A running stack, and the few questions the tests ask."""

    def __init__(self, stack, home):
        self.site, self.home = stack.site, home
        self.ledger = open_ledger(stack.site.settings["GATEHOUSE_LEDGER_URL"])

    def candidate(self, model, kind):
        script = Path(__file__).with_name("candidates.py")
        # In-process tests before may have left MLflow's own variables behind.
        environ = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
        done = subprocess.run(
            [sys.executable, script, self.site.registry_url, model, kind],
            capture_output=True, text=True, check=False, env=environ | {"PYTHONWARNINGS": "ignore"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return int(done.stdout.split()[-1])

    def gatehouse(self, *words, **environ):
        return subprocess.run(
            [sys.executable, "-c", "from gatehouse.cli import main; main()", *words],
            capture_output=True, text=True, check=False,
            env=os.environ | {"GATEHOUSE_HOME": str(self.home)} | environ,
        )  # fmt: skip

    @staticmethod
    def eventually(condition):
        """Whether it becomes so in good time."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if condition():
                return True
            time.sleep(0.1)
        return False

    def decided(self, model, version, transition, answer):
        """Wait for this decision."""
        last = None

        def found():
            nonlocal last
            with reading(self.ledger) as session:
                last = judgements.latest(session, model, version)
            return (
                last is not None
                and str(last.evaluation.transition) == transition
                and last.decision.answer == answer
            )

        assert self.eventually(found), f"no {answer} for {transition}; last: {last}"
        return last


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    policies = folder / "policies"
    policies.mkdir()
    (policies / "e2e.yaml").write_text(POLICY)
    (policies / "by-hand.yaml").write_text(BY_HAND)
    readme = Path(__file__).parents[2] / "README.md"
    (policies / "readme.yaml").write_text(re.search(r"```yaml\n(.*?)```", readme.read_text(), re.DOTALL)[1])
    draw = np.random.default_rng(0)
    distance = draw.uniform(1, 20, 1000)
    holdout = pd.DataFrame(
        {
            "distance_km": distance,
            "hour": draw.integers(0, 24, 1000),
            "fare_amount": 2.5 + 2 * distance + draw.normal(0, 0.5, 1000),
        }
    )
    holdout.to_csv(folder / "holdout.csv", index=False)
    (folder / "home").mkdir()
    new_mlflow(folder / "home")
    told = []
    with open_stack(
        folder / "home",
        policies,
        report=told.append,
        datasets=dict.fromkeys(("E2E_HOLDOUT", "TAXI_HOLDOUT"), str(folder / "holdout.csv")),
        wanted=Ports(mlflow=0, receiver=0, console=0, redis=0),
    ) as running:
        one = Running(running, folder / "home")
        yield one
        one.ledger.dispose()
