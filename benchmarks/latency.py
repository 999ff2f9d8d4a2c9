"""How long things take, seen from outside: delivery to work, to decision; a move by hand to its validation.

Real MLflow, Redis, receiver, workers and schedule, the ledger on SQLite. Work on a version has begun when the
workers first ask MLflow about it.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._deliveries import deliver
from benchmarks._guarded import SECRET, Guarded, guarded, until
from benchmarks._watched import Seen

RATE = 50
SECONDS = 10
DECISIONS = 30
MOVES = 20
REST_S = 0.3
POLICY = """\
policy: bench
models: ["decided-*"]
transitions:
  - {from: none, to: staging, gates: [{tags: [owner]}]}
"""


def main() -> dict[str, float]:
    """Milliseconds."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as name:
        with guarded(Path(name) / "plugged", POLICY, plugged=True) as stack:
            figures = _starts(stack) | _decisions(stack) | _moves(stack, "plugin")
        with guarded(Path(name) / "swept", POLICY, plugged=False) as stack:
            return figures | _moves(stack, "sweep")


def _starts(stack: Guarded) -> dict[str, float]:
    """From the moment that a delivery is sent to the first request about its version, 50 a second."""
    script = Path(__file__).with_name("_deliveries.py")
    command = [sys.executable, str(script), *map(str, (stack.port, RATE, SECONDS, SECRET))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    sent: dict[str, float] = json.loads(done.stdout)
    until(lambda: all(stack.found.about(name) for name in sent))
    took = sorted(min(seen.began for seen in stack.found.about(name)) - at for name, at in sent.items())
    return {
        "start_p50_ms": 1e3 * took[len(took) // 2],
        "start_p99_ms": 1e3 * took[int(len(took) * 0.99)],
    }


def _decisions(stack: Guarded) -> dict[str, float]:
    """From the delivery to the end of the move to Staging; then with MLflow's own part taken off."""
    whole, ours = [], []
    for number in range(DECISIONS):
        name = f"decided-{number:03}"
        stack.register(name)
        told = time.time()
        deliver(stack.port, name, SECRET)
        until(lambda name=name: _moves_of(stack, name))
        moved = _moves_of(stack, name)[0].ended
        asked = [seen for seen in stack.found.about(name) if seen.ended <= moved]
        whole.append(moved - told)
        ours.append(moved - told - sum(seen.ended - seen.began for seen in asked))
        time.sleep(REST_S)
    return {
        "decision_p50_ms": 1e3 * statistics.median(whole),
        "decision_beyond_mlflow_p50_ms": 1e3 * statistics.median(ours),
    }


def _moves_of(stack: Guarded, name: str) -> list[Seen]:
    return [seen for seen in stack.found.about(name) if "transition-stage" in seen.text]


def _moves(stack: Guarded, how: str) -> dict[str, float]:
    """From the answer to a move by hand to the first request about the version that follows it."""
    took = []
    for number in range(MOVES):
        name = f"{how}-{number:03}"
        stack.register(name)
        until(lambda name=name: stack.found.about(name))
        time.sleep(REST_S)
        asked = len(stack.found.about(name))
        stack.client.transition_model_version_stage(name, "1", "Staging")
        moved = time.time()
        until(lambda name=name, asked=asked: stack.found.about(name)[asked:])
        took.append(max(0.0, stack.found.about(name)[asked].began - moved))
    return {
        f"move_to_start_{how}_p50_ms": 1e3 * statistics.median(took),
        f"move_to_start_{how}_max_ms": 1e3 * max(took),
    }
