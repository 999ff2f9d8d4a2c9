"""Judging TensorFlow models on 100,000 rows: against MLflow's evaluate, TFMA, and the bare predictions.

The same networks, rows and machine for all, in turns within one run. TFMA needs an environment of its own:
GATEHOUSE_BENCH_TFMA names a Python that has it; without, its ratio is left out.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks._rest import rest
from benchmarks._servers import mlflow
from benchmarks._trips import SLICES, TARGET, trips
from benchmarks._verdicts import PATIENT, verdicts
from policies.evidence.comparison import ComparisonNeed
from policies.evidence.gap import Gap
from policies.evidence.slices import SliceComparisonNeed
from registry.mlflow_registry import MlflowRegistry
from validation.answers import Loaded, Run, Scored
from validation.asking import ModelFiles
from validation.exam import Answers
from validation.feeding import Fed
from validation.holdout import Holdout
from validation.measuring.kinds import finding_of
from validation.measuring.scores import Scores
from validation.rows import Rows
from validation.sandbox import Sandbox
from validation.slicing import cut

NAME = "taxi"
OVER_ALL = ComparisonNeed(metric="rmse", dataset="holdout")
BY_SLICE = SliceComparisonNeed(metric="rmse", dataset="holdout", slices=SLICES)
Both = tuple[Scored, Scored]


@dataclass(frozen=True)
class Sizes:
    """How much of everything: a test asks for little."""

    rows: int = 100_000
    many_rows: int = 1_000_000
    """For the bounds alone."""
    rounds: int = 5
    pairs: int = 3
    """Of verdicts: each a candidate whose champion nobody knows, and one more."""


def main(sizes: Sizes = Sizes()) -> dict[str, float]:
    """Ratios to the peers, larger is better for us, but for `second_candidate_ratio`; seconds of each."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder, mlflow(Path(folder)) as url:
        _own("_networks", url, NAME, str(2 + 2 * sizes.pairs))
        place = Path(folder)
        frame = trips(sizes.rows)
        frame.to_parquet(place / "rows.parquet")
        registry = MlflowRegistry(url)
        models = [_fetched(registry, version, place / f"model-{version}") for version in (1, 2)]
        figures = _compared(place, models, frame, sizes)
        figures |= verdicts(url, NAME, place / "rows.parquet", sizes.pairs)
    return figures | {"bounds_s": _bounds(sizes.many_rows)}


def _fetched(registry: MlflowRegistry, version: int, folder: Path) -> ModelFiles:
    known = registry.version(NAME, version)
    folder.mkdir()
    return ModelFiles(registry.fetch(known, folder), registry.facts(known).signature)


def _compared(place: Path, models: list[ModelFiles], frame: pd.DataFrame, sizes: Sizes) -> dict[str, float]:
    """Judging and scoring, ours and the peers', in turns."""
    holdout = _holdout(frame)
    np.savez(place / "slices.npz", *(np.flatnonzero(each.rows) for each in cut(holdout, SLICES)))
    paths = [str(model.path) for model in models]
    times: dict[str, list[float]] = {
        name: [] for name in ("judging", "scoring", "sandbox", "predict", "pyfunc")
    }
    with _peers(place, paths) as peers, Sandbox(limits=PATIENT) as sandbox:
        with _warm(sandbox, models, holdout) as answers:
            for _ in range(sizes.rounds):
                times["predict"].append(peers("predict"))
                times["judging"].append(_seconds(lambda: _judged(answers, holdout)))
                times["pyfunc"].append(peers("pyfunc"))
                times["scoring"].append(_seconds(lambda: answers[0](holdout.inputs)))
            both = _judged(answers, holdout)
        for _ in range(sizes.rounds):
            rest()
            times["sandbox"].append(_alone(sandbox, place, models[0], holdout))
        evaluate, evaluate_large = peers("evaluate"), peers("evaluate_large")
    median = {name: statistics.median(each) for name, each in times.items()}
    return {
        "ratio_mlflow": evaluate / median["judging"],
        "ratio_mlflow_large_batches": evaluate_large / median["judging"],
        "ratio_predict": median["predict"] / median["judging"],
        "ratio_pyfunc_scoring": median["pyfunc"] / median["scoring"],
        "ratio_keras_best": median["predict"] / 2 / median["scoring"],
        **_against_tfma(place, frame, both[0], median["judging"]),
        "evaluate_s": evaluate,
        "evaluate_large_s": evaluate_large,
        "sandbox_s": median.pop("sandbox"),
        **{f"{name}_s": value for name, value in median.items()},
    }


def _holdout(frame: pd.DataFrame) -> Holdout:
    target = frame[TARGET].to_numpy(dtype=np.float64)
    return Holdout(name="holdout", inputs=Rows.of(frame.drop(columns=TARGET)), target=target, digest="")


@contextmanager
def _warm(sandbox: Sandbox, models: list[ModelFiles], holdout: Holdout) -> Iterator[list[Answers]]:
    """Candidate and champion, each loaded in its process, each asked once."""
    ours, theirs = (sandbox.answering(model.path, model.signature) for model in models)
    with ours as candidate, theirs as champion:
        for answer in (candidate, champion):
            answer(holdout.inputs)
        yield [candidate, champion]


def _judged(answers: list[Answers], holdout: Holdout) -> Both:
    """Both models asked, the bound and the bootstrap over all rows, and the bounds of every slice."""
    with ThreadPoolExecutor(2) as pool:
        ours, theirs = pool.map(lambda answer: answer(holdout.inputs), answers)
    if not isinstance(ours, Scored) or not isinstance(theirs, Scored):
        raise SystemExit(f"the models did not answer: {ours} {theirs}")
    _found(holdout, (ours, theirs))
    return ours, theirs


def _found(holdout: Holdout, both: Both) -> None:
    ours, theirs = (Run(Loaded(0.0, answered=True), {"holdout": each}) for each in both)
    scores = Scores({"holdout": holdout}, ours, theirs)
    for need in (OVER_ALL, BY_SLICE):
        found = finding_of(need, scores)
        if isinstance(found, Gap):
            raise SystemExit(f"{need.key}: {found.reason}")


def _alone(sandbox: Sandbox, place: Path, model: ModelFiles, holdout: Holdout) -> float:
    """The sandbox itself: rows to a process that waits and back, with a model that does nothing."""
    folder = place / "nothing"
    if not folder.exists():
        (folder / "code").mkdir(parents=True)
        (folder / "code" / "nothing.py").write_text(
            "class Model:\n    def predict(self, rows):\n        return rows.iloc[:, 0]\n\n\n"
            "def _load_pyfunc(path):\n    return Model()\n"
        )
        flavors = {"python_function": {"loader_module": "nothing", "code": "code"}}
        (folder / "MLmodel").write_text(json.dumps({"flavors": flavors}))
    began = time.perf_counter()
    scored = sandbox.run(folder, {"holdout": Fed(holdout.inputs, model.signature)}).scores["holdout"]
    took = time.perf_counter() - began
    if not isinstance(scored, Scored):
        raise SystemExit(f"the model that does nothing {scored.reason}")
    return took


def _bounds(rows: int) -> float:
    """Bound and bootstrap over so many rows, and the bounds of every slice, given the predictions."""
    holdout = _holdout(trips(rows))
    draw = np.random.default_rng(1)
    ours, theirs = (Scored(holdout.target + draw.normal(size=rows), 0.0, 0.0) for _ in range(2))
    return _seconds(lambda: _found(holdout, (ours, theirs)))


@contextmanager
def _peers(place: Path, models: list[str]) -> Iterator[Callable[[str], float]]:
    """The peers' process; called with what to do, it says how long that took."""
    words = (str(place), str(place / "rows.parquet"), str(place / "slices.npz"), *models)
    told_of = place / "peers.log"
    with (
        told_of.open("w") as log,
        subprocess.Popen(
            _command("_scoring_peers", *words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            bufsize=1,
        ) as peers,
    ):
        assert peers.stdin is not None
        assert peers.stdout is not None
        say, told = peers.stdin, peers.stdout

        def heard() -> str:
            if not (line := told.readline()):
                raise SystemExit(f"the peers failed: {told_of.read_text()[-2000:]}")
            return line

        def asked(what: str) -> float:
            say.write(f"{what}\n")
            return float(heard())

        heard()  # that it is ready
        yield asked
        say.close()


def _against_tfma(place: Path, frame: pd.DataFrame, ours: Scored, judging_s: float) -> dict[str, float]:
    """TFMA on one model's given predictions, by the same slices."""
    python = os.environ.get("GATEHOUSE_BENCH_TFMA")
    if not python:
        print("TFMA was left out: set GATEHOUSE_BENCH_TFMA to a Python that has it")
        return {}
    keys = {name: frame[name].astype(int) for name in ("dayofweek", "year")}
    hours = (frame["hour"] // 4).astype(int)
    frame.assign(**keys, hours=hours, prediction=ours.predictions).to_parquet(place / "tfma.parquet")
    words = (str(place / "tfma.parquet"), TARGET, "dayofweek", "year", "hours")
    done = subprocess.run(
        [python, *_command("_tfma_peer", *words)[1:]], stdout=subprocess.PIPE, text=True, check=True
    )
    took = float(done.stdout.split()[-1])
    return {"ratio_tfma": took / judging_s, "tfma_s": took}


def _own(script: str, *words: str) -> None:
    subprocess.run(_command(script, *words), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _command(script: str, *words: str) -> list[str]:
    """One of the scripts beside this; -P, since `statistics` here is no standard library."""
    return [sys.executable, "-P", str(Path(__file__).with_name(f"{script}.py")), *words]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
