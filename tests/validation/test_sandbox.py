import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from validation.answers import Failed, Loaded
from validation.limits import Limits
from validation.plain_answers import Unfit, plain_answers
from validation.sandbox import Sandbox

ONES = "return np.ones(len(data))"


@pytest.fixture
def table(frame):
    return pa.Table.from_pandas(frame, preserve_index=False)


def scratch_folders():
    return set(Path(tempfile.gettempdir()).glob("gatehouse-*"))


def test_no_process_and_no_scratch_outlives_the_sandbox(monkeypatch, tmp_path, bare_model, table):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Sandbox(spares=1, threads=1) as sandbox:
        assert isinstance(sandbox.run(bare_model(ONES), {"holdout": table}).loading, Loaded)
        spare = sandbox._spares._waiting[0].starting.result()
        assert scratch_folders() == {spare.scratch}
    assert scratch_folders() == set()
    assert not spare.alive


def test_every_run_has_a_process_and_a_scratch_folder_of_its_own(sandbox, bare_model, table):
    model = bare_model("raise ValueError(os.getpid(), os.getcwd(), os.listdir('..'))")
    first, second = (sandbox.run(model, {"holdout": table}).scores["holdout"].reason for _ in range(2))
    assert first != second
    assert "inputs-0.arrow" in first
    assert os.getcwd() not in first  # noqa: PTH109 compared as text


KEEPER = """
import time
from validation.sandbox import Sandbox
print(Sandbox(spares=1)._spares._waiting[0].starting.result()._process.pid, flush=True)
time.sleep(60)
"""


def test_a_model_may_have_modules_of_our_names(sandbox, bare_model, table):
    model = bare_model(
        "import sys; assert not [n for n in sys.modules if n.split('.')[0] == 'validation']; " + ONES
    )
    assert isinstance(sandbox.run(model, {"holdout": table}).loading, Loaded)


def test_a_spare_dies_with_its_parent(tmp_path):
    command = [sys.executable, "-c", KEEPER]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        spare = Path("/proc", parent.stdout.readline().strip(), "stat")
        assert spare.exists()
        parent.kill()
    patience = time.monotonic() + 20
    while spare.exists() and ") Z " not in spare.read_text() and time.monotonic() < patience:
        time.sleep(0.05)
    assert not spare.exists() or ") Z " in spare.read_text()


def test_a_spare_that_died_while_it_waited_is_replaced(bare_model, table):
    with Sandbox(spares=1, threads=1) as sandbox:
        spare = sandbox._spares._waiting[0].starting.result()
        spare._process.kill()
        spare._process.wait()
        assert isinstance(sandbox.run(bare_model(ONES), {"holdout": table}).loading, Loaded)


@pytest.mark.parametrize(
    ("python", "limits", "sentence"),
    [
        pytest.param("/nowhere/python", Limits(), "no process was started", id="no interpreter"),
        pytest.param("/bin/false", Limits(), "exited with code 1", id="an interpreter that fails"),
        pytest.param(sys.executable, Limits(start_s=0), "was ready within 0 s", id="a machine too slow"),
    ],
)
def test_a_sandbox_that_does_not_start_is_not_the_candidates_fault(tmp_path, table, python, limits, sentence):
    with Sandbox(python=python, limits=limits, spares=0) as sandbox:
        failed = sandbox.run(tmp_path, {"holdout": table}).scores["holdout"]
    assert isinstance(failed, Failed)
    assert failed.fault == "surroundings"
    assert sentence in failed.reason


def test_a_model_without_example_and_rows_loads_and_stays_silent(sandbox, bare_model):
    loading = sandbox.run(bare_model(ONES), {}).loading
    assert isinstance(loading, Loaded)
    assert not loading.answered


def test_a_folder_without_a_model_is_the_candidates_fault(sandbox, tmp_path, table):
    failed = sandbox.run(tmp_path, {"holdout": table}).loading
    assert failed.fault == "candidate"
    assert failed.reason.startswith("could not be loaded: it raised MlflowException")


@pytest.mark.parametrize(
    "output",
    [
        pytest.param([1.0, 2.0, 3.0], id="list"),
        pytest.param(np.array([[1], [2], [3]]), id="one column"),
        pytest.param(np.array([1, 2, 3], dtype=np.float32), id="float32"),
        pytest.param(pd.Series([1, 2, 3], dtype="Int64", index=[7, 8, 9]), id="nullable series"),
        pytest.param(pd.DataFrame({"fare": [1.0, 2.0, 3.0]}), id="frame"),
    ],
)
def test_one_number_per_row_is_taken_in_any_common_form(output):
    vector = plain_answers(output, 3)
    assert (vector.tolist(), vector.dtype) == ([1.0, 2.0, 3.0], np.float64)


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        pytest.param(["5.0", "6.0", "7.0"], "of type <U3, numbers are needed", id="strings"),
        pytest.param(np.zeros((3, 2, 2)), r"of shape \(3, 2, 2\) for 3 rows", id="three-dimensional"),
        pytest.param(np.zeros((1, 3)), r"of shape \(1, 3\)", id="one row"),
        pytest.param(pd.DataFrame({"a": [1], "b": [2]}), r"of shape \(1, 2\) for 3 rows", id="two columns"),
        pytest.param({"fare": [1, 2, 3]}, "of type object", id="dict"),
        pytest.param(None, "of type object", id="nothing"),
        pytest.param(5.0, r"of shape \(\)", id="one number"),
        pytest.param(np.zeros(3, dtype=complex), "of type complex128", id="complex"),
    ],
)
def test_anything_else_is_no_answer(output, sentence):
    with pytest.raises(Unfit, match=sentence):
        plain_answers(output, 3)
