"""The benchmark of training, of very little; in a process of its own, for it sets TensorFlow's threads."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LITTLE = """
import json
from benchmarks.training import Size, main
print(json.dumps(main(Size(rows=400, rounds=1, seeds=(1, 2), epochs=2, long=2, trials=0), trips="")))
"""


@pytest.mark.keras
def test_every_figure_is_there():
    done = subprocess.run(
        [sys.executable, "-c", LITTLE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert {"ratio_original_training", "ratio_original_same_network", "share_of_product_limit"} <= set(
        figures
    )
    kinds = ("default", "boosted", "original")
    assert all(figures[f"{what}_{kind}"] > 0 for what in ("rmse", "mae") for kind in kinds)
    assert figures["spread_boosted"] == 0
