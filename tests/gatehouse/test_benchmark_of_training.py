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
print(json.dumps(main(Size(rows=400, more=400, few=100, oracle=300, rounds=1, seeds=(1, 2), epochs=2, commands=False), trips="")))
"""


@pytest.mark.keras
def test_every_figure_is_there():
    done = subprocess.run(
        [sys.executable, "-c", LITTLE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    ratios = {
        "original_training",
        "original_rmse_same_time",
        "boosted_rmse",
        "boosted_mae",
        "boosted_rmse_few",
    }
    ratios |= {f"{peer}_{which}" for peer in ("oracle", "boosted_rmse") for which in ("more", "oracle")}
    assert {f"ratio_{name}" for name in ratios} | {"share_of_product_limit_seed"} <= set(figures)
    kinds = ("default", "boosted", "original", "default_few", "oracle_more", "default_oracle")
    assert all(figures[f"{what}_{kind}"] > 0 for what in ("rmse", "mae") for kind in kinds)
    assert figures["spread_default"] > 0
