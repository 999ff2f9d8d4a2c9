"""Models that mean harm, or do it, judged as a policy would: each costs its own verdict, and nothing else.

After every one that reaches for more than its own answers, and after the last of all, an honest model is judged
by the same sandbox, as if nothing had been.
"""

import gzip
import platform
import re
import sqlite3
import struct
import zipfile

import pytest

from policies.evidence.answers import AnswersNeed
from policies.evidence.gap import Gap
from policies.evidence.measurement import Measurement, MetricNeed
from policies.evidence.scan import ScanNeed
from registry.words import Column, Signature
from tests.validation.conftest import SIGNATURE, frame_of, write_bare_model
from validation.asking import ModelFiles
from validation.holdout import Holdout
from validation.limits import Limits
from validation.measure import measure
from validation.rows import Rows
from validation.sandbox import Sandbox

HONEST = "return 2.5 + 1.5 * data['distance'].to_numpy()"
RMSE = MetricNeed(metric="rmse", dataset="holdout")
ROWS = 1500


@pytest.fixture(scope="module")
def sandbox():
    limits = Limits(
        load_s=30, predict_s=15, memory_bytes=900 << 20, written_bytes=30 << 20, processes=20, users_tasks=150
    )
    with Sandbox(limits=limits, spares=1, threads=1) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def rows():
    frame = frame_of(rows=ROWS)
    target = (2.5 + 1.5 * frame["distance"]).to_numpy()
    return Holdout(name="holdout", inputs=Rows.of(frame), target=target, digest="d", target_name="fare")


@pytest.fixture(scope="module")
def honest(sandbox, rows, tmp_path_factory):
    """Asserts that an honest model is judged as ever; a last time when all tests are over."""
    model = write_bare_model(tmp_path_factory.mktemp("honest") / "model", HONEST)

    def as_ever():
        found, _ = measure(
            (RMSE,), ModelFiles(model, SIGNATURE), None, {"holdout": lambda: rows}, sandbox=sandbox
        )
        assert found == {RMSE.key: Measurement(value=0.0, rows=ROWS)}

    yield as_ever
    as_ever()


@pytest.fixture
def answered(sandbox, rows, bare_model, honest):
    """The finding on a model that does nothing but answer."""

    def judge(predict, *, load="", needs=(RMSE,), change=bool):
        model = bare_model(predict, load=load, name="adversary")
        change(model)
        data = {"holdout": lambda: rows}
        found, _ = measure(needs, ModelFiles(model, SIGNATURE), None, data, sandbox=sandbox)
        return found if len(needs) > 1 else found[needs[0].key]

    return judge


@pytest.fixture
def judged(answered, honest):
    """The finding on one model that reaches further; then an honest one's must be what it always is."""

    def judge(predict, **more):
        found = answered(predict, **more)
        honest()
        return found

    return judge


MANY_FILES = """
for number in range(10**6):
    pathlib.Path(str(number)).write_bytes(bytes(1 << 20))
"""
DELETED_FILES = """
kept = []
while True:
    kept.append(open('gone', 'wb'))
    os.unlink('gone')
    kept[-1].write(bytes(1 << 20))
    time.sleep(0.01)
"""
MEMORY_FILE = """
file = os.memfd_create('hidden')
while True:
    os.write(file, bytes(1 << 20))
    time.sleep(0.01)
"""
STATUS = "import json; os.write(json.loads(sys.argv[1])['status'], b'{}\\n'); time.sleep(60)"


@pytest.mark.parametrize(
    ("predict", "sentence"),
    [
        pytest.param("os._exit(0)", "exited with code 0 before it had answered", id="exits early with code 0"),
        pytest.param("time.sleep(10**6)", "did not answer within 15 s", id="sleeps for ever"),
        pytest.param("x = [np.ones(1 << 24) for _ in range(10**6)]", "more than 0.9 GiB of memory", id="allocates"),
        pytest.param(MEMORY_FILE, "wrote more than 0.0 GiB", id="allocates memory that no process maps"),
        pytest.param("while True: os.fork()", "more than 20 processes|raised BlockingIOError", id="forks without end"),
        pytest.param("while True: os.write(1, b'x' * 65536)", "did not answer within 15 s", id="prints without end"),
        pytest.param(MANY_FILES, "wrote more than 0.0 GiB", id="writes many files"),
        pytest.param(DELETED_FILES, "wrote more than 0.0 GiB", id="writes files that nobody sees"),
        pytest.param(STATUS.format('{"state": "pass"}'), "channel that is kept for its status", id="writes its own verdict"),
        pytest.param(STATUS.format('{"state": "scored"}'), "channel that is kept|said that it had answered", id="says that it answered"),
        pytest.param("return np.ones(10**9)", "of shape|of memory", id="a billion numbers"),
    ],
)  # fmt: skip
def test_each_costs_its_own_verdict(judged, predict, sentence):
    is_the_candidates(judged(predict), sentence)


@pytest.mark.parametrize(
    ("predict", "sentence"),
    [
        pytest.param("if len(data) > 300: os._exit(0)\n" + HONEST, "exited with code 0", id="exits in the midst"),
        pytest.param("return np.full(len(data), np.nan)", "1,500 of 1,500 predictions that are not finite", id="NaN"),
        pytest.param("return np.zeros(len(data) // 2)", r"of shape \(750,\) for 1,500 rows", id="too few rows"),
        pytest.param("return ['5.0'] * len(data)", "of type <U3, numbers are needed", id="strings"),
        pytest.param("return np.broadcast_to(1.0, 10**9)", r"of shape \(1000000000,\) for", id="a billion numbers that cost nothing"),
        pytest.param("class Deep:\n    def __array__(self, *a, **k): os._exit(0)\nreturn Deep()", "exited with code 0", id="answers with code"),
    ],
)  # fmt: skip
def test_answers_that_are_none_cost_its_own_verdict(answered, predict, sentence):
    is_the_candidates(answered(predict), sentence)


def is_the_candidates(found, sentence):
    assert isinstance(found, Gap)
    assert found.fault == "candidate"
    assert found.reason.startswith("the candidate ")
    assert re.search(sentence, found.reason), found.reason


KILLS = """
for pid in {os.getppid(), -os.getppgid(0) if hasattr(os, 'getppgid') else os.getppid()}:
    try:
        os.kill(pid, signal.SIGKILL)
    except PermissionError:
        pass
"""


def test_one_that_would_kill_its_parent_does_not(sandbox, judged):
    if sandbox.confinement().level != "closed":
        pytest.skip("this machine's kernel does not keep signals from others")
    assert judged(f"{KILLS}\n{HONEST}") == Measurement(value=0.0, rows=ROWS)


def test_patching_numpy_moves_nothing_outside(judged):
    patch = "np.square = np.abs = lambda *a, **k: np.zeros(1)\nnp.mean = np.sqrt = lambda *a, **k: 0.0\n"
    assert judged(patch + "return np.zeros(len(data))").value > 5


def test_the_ledger_is_not_to_be_read(sandbox, judged, tmp_path):
    if sandbox.confinement().level != "closed":
        pytest.skip("this machine's kernel does not keep files from a model")
    ledger = tmp_path / "ledger.db"
    with sqlite3.connect(ledger) as connection:
        connection.execute("create table verdicts (outcome text)")
    connection.close()
    found = judged(
        f"import sqlite3; sqlite3.connect({str(ledger)!r}).execute('insert into verdicts values (1)')"
    )
    assert "unable to open database file" in found.reason
    with sqlite3.connect(ledger) as connection:
        assert connection.execute("select count(*) from verdicts").fetchone() == (0,)
    connection.close()


LOOKS_EVERYWHERE = """
wanted = bytes(byte ^ 0xFF for byte in bytes.fromhex('WANTED'))
found = []
with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as memory:
    for line in maps:
        low, high = (int(edge, 16) for edge in line.split()[0].split('-'))
        if line.split()[1].startswith('r') and high - low < 1 << 30:
            try:
                memory.seek(low)
                if memory.read(high - low).count(wanted) > line.count('nowhere'):
                    found.append(line)
            except (OSError, ValueError, OverflowError):
                continue
for path in pathlib.Path('..').rglob('*'):
    try:
        if path.is_file() and wanted in path.read_bytes():
            found.append(str(path))
    except OSError:
        continue
raise ValueError('looked at memory and files', [each for each in found if 'heap' in each or '/' in each])
"""


def test_labels_are_nowhere_in_a_models_process(judged, rows):
    """It is told a label, written otherwise, and looks for it in all its memory and in all its files."""
    label = struct.pack("<d", rows.target[ROWS // 2])
    hidden = bytes(byte ^ 0xFF for byte in label).hex()
    assert "looked at memory and files', []" in judged(LOOKS_EVERYWHERE.replace("WANTED", hidden)).reason


def test_a_signature_that_asks_for_the_label_gets_nothing(sandbox, rows, bare_model):
    greedy = Signature(inputs=(Column(name="fare", type="double"),))
    model = ModelFiles(bare_model("return data['fare'].to_numpy()"), greedy)
    found, _ = measure((RMSE,), model, None, {"holdout": lambda: rows}, sandbox=sandbox)
    assert "the hold-out lacks what the signature asks for: 'fare'" in found[RMSE.key].reason


UNSTEADY = {
    "different answers each time": "return np.random.default_rng().normal(5, 3, len(data))",
    "answers that depend on the order": HONEST + " + np.linspace(0, 9, len(data))",
    "answers that depend on the others": HONEST + " - data['distance'].mean()",
    "answers that depend on the batch size": HONEST + " + (len(data) > 1000)",
    "behaves for its first 1,000 rows": "y = 2.5 + 1.5 * data['distance'].to_numpy()\ny[1000:] = 7.0\nreturn y",
    "remembers what it said": "Model.said = getattr(Model, 'said', 0) + 1\n" + HONEST + " * Model.said",
}


@pytest.mark.parametrize("predict", UNSTEADY.values(), ids=UNSTEADY)
def test_answers_that_depend_on_more_than_the_row_are_found_out(answered, predict):
    found = answered(predict, needs=(RMSE, AnswersNeed(dataset="holdout")))
    for finding in found.values():
        assert finding.fault == "candidate"
        assert re.search("the candidate answered row .* of 'holdout' with .*, and then ", finding.reason)


def test_one_that_cannot_answer_a_single_row_is_found_out(answered):
    found = answered("return np.squeeze(2.5 + 1.5 * data[['distance']].to_numpy())")
    assert "was asked for some rows of 'holdout' again, and gave predictions of shape ()" in found.reason


def test_rounding_is_no_unsteadiness(answered):
    noise = "np.random.default_rng().normal(0, 1e-6, len(data)).astype(np.float32)"
    assert answered(f"{HONEST} + {noise}").value == pytest.approx(0, abs=1e-5)


def bomb(folder):
    archive = zipfile.ZipFile(folder / "model.keras", "w", zipfile.ZIP_DEFLATED)
    with archive, archive.open("config.json", "w", force_zip64=True) as file:
        for _ in range(100):
            file.write(bytes(1 << 20))


def packed(folder):
    with gzip.open(folder / "model.pkl", "wb", compresslevel=1) as file:
        file.write(b"\x80\x04")
        for _ in range(1100):
            file.write(b"N0" * (1 << 19))


@pytest.mark.parametrize("change", [bomb, packed], ids=["zip", "gzip"])
def test_a_file_that_unpacks_without_end_is_not_loaded(judged, change):
    found = judged(HONEST, needs=(ScanNeed(), RMSE), change=change)
    assert found[RMSE.key].reason.startswith("the candidate was not loaded: ")


def test_one_that_unpacks_a_bomb_as_it_loads_is_stopped(judged):
    unpack = "import zlib; held = []\nfor _ in range(10**6): held.append(bytearray(zlib.decompress(zlib.compress(bytes(50 << 20)))))"
    assert re.search("more than 0.9 GiB of memory|did not load", judged(HONEST, load=unpack).reason)


def logged_by(version):
    def change(folder):
        text = (folder / "MLmodel").read_text()
        (folder / "MLmodel").write_text(text.replace("{", f'{{"mlflow_version": "{version}", ', 1))

    return change


def test_one_that_a_newer_mlflow_logged_is_said_to_be_so(answered):
    found = answered(HONEST, load="raise KeyError('a field of the future')", change=logged_by("99.1.0"))
    assert found.fault == "surroundings"
    assert "could not be loaded: it was logged by MLflow 99.1.0, and here is " in found.reason
    assert "a field of the future" in found.reason


@pytest.mark.parametrize("version", ["1.0", "nonsense"])
def test_one_of_an_older_mlflow_has_no_such_excuse(answered, version):
    found = answered(HONEST, load="raise KeyError('lost')", change=logged_by(version))
    assert (found.fault, found.reason) == (
        "candidate",
        "the candidate could not be loaded: it raised KeyError: 'lost'",
    )


def test_a_newer_one_that_loads_is_judged_as_any(answered):
    assert answered(HONEST, change=logged_by("99.1.0")) == Measurement(value=0.0, rows=ROWS)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the number of this call is that of x86-64")
def test_shared_memory_that_no_limit_sees_is_refused(sandbox, judged):
    if sandbox.confinement().level != "closed":
        pytest.skip("this machine's kernel filters no system calls")
    code = "import ctypes; raise ValueError(ctypes.CDLL(None, use_errno=True).syscall(29, 0, 4096, 0o1600))"
    assert "ValueError: -1" in judged(code).reason
