"""Memory of the worker while it judges 1 and 10 million rows of 14 decimals: the peak above its own start.

Each size runs in a process of its own, which reads a Parquet file, has two models (linear ones of
scikit-learn) scored in the sandbox, by rmse, its comparison, and slices, and makes the report's sketch. What
the models' processes hold is not counted.
"""

import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

SIZES = {"1m": 1_000_000, "10m": 10_000_000}
BATCH = 250_000
COLUMNS = [f"x{number}" for number in range(14)]
TEXT = """
policy: memory
models: [memory]
datasets:
  holdout:
    uri: rows.parquet
    target: y
    slices: {high: {where: "group > 6"}, group: {by: group}}
transitions:
  - from: staging
    to: production
    gates:
      - {metric: rmse, max: 5}
      - {metric: rmse, compared_to: champion, margin: 2%}
      - {metric: rmse, slices: {max: 9}}
"""


def main() -> dict[str, float]:
    """Peaks in MB, by the number of rows."""
    figures = {}
    for name, rows in SIZES.items():
        with tempfile.TemporaryDirectory() as folder:
            _write(Path(folder) / "rows.parquet", rows)
            command = [sys.executable, "-m", "benchmarks.memory", folder]
            told = subprocess.run(command, check=True, capture_output=True, text=True)
            figures |= {
                f"{key}_{name}": value for key, value in json.loads(told.stdout.splitlines()[-1]).items()
            }
    return figures


def _write(path: Path, rows: int) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw, writer = np.random.default_rng(1), None
    for _ in range(rows // BATCH):
        inputs = {name: draw.normal(size=BATCH).astype("float32") for name in COLUMNS}
        group = (inputs["x0"] * 3).astype("int64").clip(-9, 9)
        y = sum(inputs.values()) + draw.normal(size=BATCH)
        table = pa.table({**inputs, "group": group, "y": y})
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def judge(folder: Path) -> dict[str, float]:
    """Read, score and measure in this process."""
    from benchmarks._linear import linear_models
    from policies.evaluate import needs
    from policies.evidence.gap import Gap
    from policies.parse import parse_policy
    from validation.holdout import read_holdout
    from validation.measure import measure
    from validation.reports.sketching import sketch
    from validation.sandbox import Sandbox

    policy = parse_policy(TEXT, file="memory.yaml")
    candidate, champion = linear_models(folder, COLUMNS)
    before = _peak_mb()
    with Sandbox(spares=0) as sandbox:
        read = partial(read_holdout, folder / "rows.parquet", name="holdout", target="y")
        wanted = needs(policy, policy.transitions[0])
        show = partial(sketch, wanted)
        found, _ = measure(wanted, candidate, champion, {"holdout": read}, sandbox=sandbox, show=show)
    gaps = [finding.reason for finding in found.values() if isinstance(finding, Gap)]
    assert not gaps, gaps
    return {"above_mb": _peak_mb() - before, "start_mb": before}


def _peak_mb() -> float:
    """The largest resident size of this process so far; its children's are not in it."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(judge(Path(sys.argv[1]))))
