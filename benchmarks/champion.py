"""Two promotions of one model at once: how often is one champion left, by the gate and by plain MLflow?

The same MLflow server for both. By the gate: two versions are moved to Staging at the same moment, and two
workers promote them. Plain: two clients ask for Production with `archive_existing_versions` at once.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gatehouse.stack.ports import Ports
from gatehouse.up_command import open_stack

TRIALS = 100
POLICY = """\
policy: race
models: ["race-*"]
transitions:
  - from: staging
    to: production
    gates: [{tags: [owner]}]
    first_version: promote
"""


def main() -> dict[str, float]:
    """Trials of each, and in how many exactly one version ended in Production."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        policies = Path(folder) / "policies"
        policies.mkdir()
        (policies / "race.yaml").write_text(POLICY)
        ports = Ports(mlflow=0, receiver=0, console=0, redis=0)
        with open_stack(
            Path(folder) / "stack", policies, report=lambda _: None, datasets={}, wanted=ports
        ) as stack:
            began = time.perf_counter()
            plain, gated = _race(stack.site.registry_url)
            took = time.perf_counter() - began
    return {
        "trials": TRIALS,
        "one_champion": gated,
        "mlflow_one_champion": plain,
        "ratio_mlflow": gated / max(plain, 1),
        "seconds": took,
    }


def _race(registry_url: str) -> tuple[int, int]:
    # As a module: beside a script of this folder, our `statistics` would stand before Python's own.
    command = [sys.executable, "-m", "benchmarks._racers", registry_url, str(TRIALS)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    plain, gated = done.stdout.split()[-2:]
    return int(plain), int(gated)
