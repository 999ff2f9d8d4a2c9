"""Scan, size, latency and a team's tests, measured through the real sandbox."""

import importlib
import os
import pickle
import zipfile
from textwrap import dedent

import cloudpickle
import pytest
from sklearn.linear_model import LinearRegression

from policies.evidence.gap import Gap
from policies.evidence.latency import LatencyNeed
from policies.evidence.measurement import Measurement, MetricNeed
from policies.evidence.scan import Scan, ScanNeed
from policies.evidence.size import Size, SizeNeed
from policies.evidence.team_tests import TeamTests, TeamTestsNeed
from validation.asking import ModelFiles
from validation.exam import TESTER
from validation.holdout import read_holdout
from validation.measure import measure

HONEST = "return 2.5 + 1.5 * data['distance'].to_numpy()"
RMSE = MetricNeed(metric="rmse", dataset="holdout")
CALLS = LatencyNeed(rows_a_call=2, dataset="holdout")


class Payload:
    def __init__(self, call, *given):
        self.given = (call, given)

    def __reduce__(self):
        return self.given


@pytest.fixture
def measured(holdout_file, signature, sandbox):
    def find(needs, candidate, champion=None):
        data = {"holdout": lambda: read_holdout(holdout_file, name="holdout", target="fare")}
        files = [None if path is None else ModelFiles(path, signature) for path in (candidate, champion)]
        return measure(needs, *files, data, sandbox=sandbox)[0]

    return find


def keras(config):
    def write(folder):
        with zipfile.ZipFile(folder / "model.keras", "w") as archive:
            archive.writestr("config.json", config)

    return write


def pickled(value, dump=pickle.dumps, name="model.pkl"):
    return lambda folder: (folder / name).write_bytes(dump(value))


def dense(kind, module="keras.layers", registered="null"):
    return (
        '{"module": "keras", "class_name": "Sequential", "config": {"layers": [{"config": {}, '
        f'"module": "{module}", "class_name": "{kind}", "registered_name": {registered}}}]}}}}'
    )


@pytest.mark.parametrize(
    ("write", "threat"),
    [
        pytest.param(pickled(LinearRegression().fit([[1.0], [2.0]], [1, 2])), None, id="scikit-learn"),
        pytest.param(pickled(lambda x: x + 1, cloudpickle.dumps), None, id="cloudpickle"),
        pytest.param(keras(dense("Dense")), None, id="Keras"),
        pytest.param(pickled(Payload(os.system, "true")), "imports posix.system", id="runs a command"),
        pytest.param(pickled(Payload(eval, "1"), name="weights"), "imports builtins.eval", id="by another name"),
        pytest.param(pickled(Payload(importlib.import_module, "os")), "imports importlib.import_module", id="imports by name"),
        pytest.param(keras(dense("Lambda")), "has a Lambda layer", id="Lambda layer"),
        pytest.param(keras(dense("Evil", "os")), "names os.Evil, which is not Keras' own", id="foreign module"),
        pytest.param(keras(dense("Own", registered='"team>Own"')), "names team>Own", id="custom class"),
        pytest.param(lambda folder: (folder / "out").symlink_to("/etc/passwd"), "is a link that leaves", id="link"),
        pytest.param(lambda folder: os.mkfifo(folder / "pipe"), "is no plain file", id="pipe"),
        pytest.param(lambda folder: (folder / "MLmodel").write_text("flavors: {python_function: {data: ../../x}}"), "leads outside the model's folder: data: ../../x", id="path"),
        pytest.param(lambda folder: (folder / "saved_model.pb").write_bytes(b"\x0a\x09WriteFile\x12"), "has the graph operation WriteFile", id="graph"),
    ],
)  # fmt: skip
def test_a_scan_finds_what_is_dangerous_and_nothing_else(bare_model, sandbox, write, threat):
    model = bare_model(HONEST)
    write(model)
    found = sandbox.scan(model)
    assert isinstance(found, Scan)
    assert len(found.threats) == (threat is not None)
    if threat:
        assert found.threats[0].what.startswith(threat)


def test_a_scan_that_cannot_be_completed_tells_nothing_and_nothing_is_loaded(bare_model, measured):
    model = bare_model(HONEST)
    (model / "model.pkl").write_bytes(pickle.dumps([1.5] * 99)[:50])
    found = measured([ScanNeed(), SizeNeed(), RMSE], model)
    assert isinstance(found["scan"], Gap)
    assert found["scan"].fault == "surroundings"
    assert "could not be scanned: model.pkl is a pickle that cannot be read" in found["scan"].reason
    assert isinstance(found["size"], Size)
    assert found[RMSE.key].reason.startswith("the candidate was not loaded: ")


@pytest.mark.parametrize("blocking", [True, False])
def test_what_is_found_unsafe_is_not_loaded_unless_the_gate_only_warns(bare_model, measured, blocking):
    model = bare_model(HONEST)
    pickled(Payload(os.system, "true"))(model)
    found = measured([ScanNeed(blocking=blocking), RMSE], model)
    assert isinstance(found[RMSE.key], Gap if blocking else Measurement)
    if blocking:
        assert found[RMSE.key].reason.startswith("the candidate was not loaded: model.pkl")


def test_the_size_is_that_of_all_files(bare_model, measured):
    model = bare_model(HONEST)
    (model / "data").mkdir()
    (model / "data" / "weights").write_bytes(bytes(1000))
    (model / "link").symlink_to(model / "data" / "weights")
    plain = [path for path in model.rglob("*") if path.is_file() and not path.is_symlink()]
    found = measured([SizeNeed()], model)["size"]
    assert found == Size(bytes=sum(len(path.read_bytes()) for path in plain), files=len(plain))


def test_calls_are_timed_from_outside(bare_model, measured):
    slow = bare_model(f"if len(data) == 2: time.sleep(0.02)\n{HONEST}")
    found = measured([CALLS, RMSE], slow)[CALLS.key]
    assert 0.02 <= found.fastest <= found.p50 <= found.p95 <= found.p99 <= found.slowest
    assert found.calls > 20


@pytest.mark.parametrize(
    ("predict", "sentence"),
    [
        (f"if len(data) == 2: return np.zeros(2)\n{HONEST}", "the candidate answered otherwise when it was timed"),
        (f"if len(data) == 2: raise ValueError('no')\n{HONEST}", "the candidate raised ValueError: no"),
        (f"if len(data) == 2: os._exit(0)\n{HONEST}", "the candidate exited with code 0"),
    ],
    ids=["lies", "raises", "ends"],
)  # fmt: skip
def test_a_model_gains_nothing_by_answering_otherwise_when_timed(bare_model, measured, predict, sentence):
    found = measured([CALLS, RMSE], bare_model(predict))[CALLS.key]
    assert found.fault == "candidate"
    assert found.reason.startswith(sentence)


def examined(measured, text, candidate, champion=None):
    need = TeamTestsNeed(path="tests/test_fare.py", dataset="holdout", text=dedent(text))
    return measured([need], candidate, champion)[need.key]


def test_a_teams_tests_ask_both_models(bare_model, measured):
    text = """
        def test_it_is_nearer(model, champion, holdout):
            ours, theirs = (abs(each.predict(holdout) - holdout.fare).mean() for each in (model, champion))
            assert ours < theirs

        def test_it_is_cheap(model, holdout):
            assert model.predict(holdout).max() < 1, "too dear"
    """
    worse = bare_model("return 9.0 + 0 * data['hour'].to_numpy()", name="worse")
    found = examined(measured, text, bare_model(HONEST), worse)
    assert (found.collected, found.passed, found.skipped) == (2, 1, 0)
    assert [(each.test, each.message) for each in found.failures] == [
        ("test_it_is_cheap", "AssertionError: too dear")
    ]
    assert found.text == dedent(text)


@pytest.mark.parametrize(
    ("text", "predict", "counts", "failure"),
    [
        ("def test(champion): assert champion is None", HONEST, (1, 1), None),
        ("def test(model, holdout): model.predict(holdout)", "os._exit(0)", (1, 0), "exited with code 0"),
        ("import nowhere", HONEST, (1, 0), "ModuleNotFoundError"),
        ("x = 1", HONEST, (0, 0), None),
        ("def test(model, holdout): model.predict(holdout.drop(columns='hour'))", HONEST, (1, 0), "the hold-out lacks what the signature asks for: 'hour'"),
    ],
    ids=["no champion", "a model that ends", "a file that cannot be read", "no test", "a column short"],
)  # fmt: skip
def test_what_becomes_of_tests(bare_model, measured, text, predict, counts, failure):
    found = examined(measured, text, bare_model(predict))
    assert isinstance(found, TeamTests)
    assert (found.collected, found.passed) == counts
    assert len(found.failures) == (failure is not None)
    if failure:
        assert failure in found.failures[0].message


def test_tests_that_end_their_own_process_tell_nothing(bare_model, measured):
    found = examined(measured, "import os\ndef test(): os._exit(0)", bare_model(HONEST))
    assert found.fault == "surroundings"
    assert "exited with code 0" in found.reason


def test_without_pytest_beside_it_the_sandbox_says_so(bare_model, monkeypatch, tmp_path, measured):
    script = tmp_path / "tester.py"
    script.write_text(f"import sys\nsys.modules['pytest'] = None\n{TESTER.read_text()}")
    monkeypatch.setattr("validation.sandbox.TESTER", script)
    found = examined(measured, "def test(): pass", bare_model(HONEST))
    assert "pytest is not installed in the sandbox's Python" in found.reason
