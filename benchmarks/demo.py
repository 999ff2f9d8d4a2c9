"""The whole story, the stack's start, the receiver's start, and a light candidate's way to its decision.

No peer: nothing else does this. Wall times in seconds; the candidate is a scikit-learn line on 10,000 rows.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
import pandas as pd

from gatehouse.stack.ports import Ports
from gatehouse.up_command import open_stack
from ledger.engine import open_ledger
from ledger.migrate import upgrade

CANDIDATES = 7
REST_S = 6
"""A pause in which the workers' spare processes are ready again, as they are on a usual day."""
POLICY = """\
policy: bench
models: [line]
datasets:
  holdout: {uri: "${BENCH_HOLDOUT}", target: fare_amount}
transitions:
  - {from: none, to: staging, gates: [{signature: required}]}
  - from: staging
    to: production
    gates:
      - {loads: within 60s}
      - {metric: rmse, max: 15}
      - {metric: mae, compared_to: champion, margin: 5%}
    first_version: promote
    on_fail: [{transition: archived}]
"""


def main() -> dict[str, float]:
    """All four figures, the stack's and the candidate's from one stack."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        figures = {"demo_s": _demo(Path(folder) / "demo"), "receiver_start_s": _receiver(Path(folder))}
        return figures | _stack(Path(folder))


def _demo(folder: Path) -> float:
    folder.mkdir()
    began = time.perf_counter()
    command = [sys.executable, "-c", "from gatehouse.cli import main; main()", "demo"]
    environ = os.environ | {"GATEHOUSE_HOME": str(folder)}
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _receiver(folder: Path) -> float:
    """From the command to the first 200 of /healthz; median of five."""
    url = f"sqlite:///{folder / 'receiver.db'}"
    ledger = open_ledger(url)
    upgrade(ledger)
    ledger.dispose()
    environ = os.environ | {"GATEHOUSE_LEDGER_URL": url, "GATEHOUSE_WEBHOOK_SECRET": "a bench's secret"}
    return statistics.median(_start(environ) for _ in range(5))


def _start(environ: dict[str, str]) -> float:
    command = [
        *(sys.executable, "-m", "gunicorn", "--config", "python:webhooks.server", "webhooks.wsgi:app"),
        *("--bind", "127.0.0.1:18431"),
    ]
    began = time.perf_counter()
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as server:
        while True:
            try:
                urllib.request.urlopen("http://127.0.0.1:18431/healthz", timeout=1).close()
                break
            except OSError:
                time.sleep(0.01)
        took = time.perf_counter() - began
        server.terminate()
    return took


def _stack(folder: Path) -> dict[str, float]:
    policies = folder / "policies"
    policies.mkdir()
    (policies / "bench.yaml").write_text(POLICY)
    holdout = _holdout(folder)
    began = time.perf_counter()
    with open_stack(
        folder / "stack",
        policies,
        report=lambda _: None,
        datasets={"BENCH_HOLDOUT": str(holdout)},
        wanted=Ports(mlflow=0, receiver=0, console=0, redis=0),
    ) as stack:
        up = time.perf_counter() - began
        rested = _candidates(stack.site.registry_url, REST_S)
        pressed = _candidates(stack.site.registry_url, 0)
    return {
        "stack_up_s": up,
        "decision_median_s": statistics.median(rested),
        "decision_max_s": max(rested),
        "back_to_back_median_s": statistics.median(pressed),
        "back_to_back_max_s": max(pressed),
    }


def _holdout(folder: Path) -> Path:
    draw = np.random.default_rng(0)
    distance = draw.uniform(1, 20, 10_000)
    fare = 2.5 + 2 * distance + draw.normal(0, 0.5, 10_000)
    path = folder / "holdout.csv"
    pd.DataFrame({"distance_km": distance, "fare_amount": fare}).to_csv(path, index=False)
    return path


def _candidates(registry_url: str, rest_s: int) -> list[float]:
    """Seconds from `create_model_version` to Production, by way of both transitions."""
    script = Path(__file__).with_name("_candidates.py")
    words = (registry_url, str(CANDIDATES), str(rest_s))
    done = subprocess.run([sys.executable, script, *words], capture_output=True, text=True, check=True)
    return [float(number) for number in re.findall(r"^took ([0-9.]+)$", done.stdout, re.MULTILINE)]
