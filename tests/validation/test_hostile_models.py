"""Each of these costs its own finding, with a sentence, and the next run is as if nothing had been."""

import re
import time
from pathlib import Path

import pyarrow as pa
import pytest

from validation.answers import Failed, Loaded, Scored
from validation.limits import Limits
from validation.sandbox import Sandbox

HONEST = "return 2.5 + 1.5 * data['distance'].to_numpy()"


@pytest.fixture
def table(frame):
    return pa.Table.from_pandas(frame, preserve_index=False)


@pytest.fixture(scope="module")
def impatient():
    with Sandbox(limits=Limits(load_s=2, predict_s=2), spares=0, threads=1) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def narrow():
    limits = Limits(memory_bytes=700 << 20, file_bytes=1 << 20, processes=20)
    with Sandbox(limits=limits, spares=0, threads=1) as sandbox:
        yield sandbox


OWN_STATUS = """
import json
os.write(json.loads(sys.argv[1])["status"], b'{"state": "promoted"}\\n')
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("predict", "sentence"),
    [
        ("os._exit(0)", "exited with code 0 before it had answered"),
        ("sys.exit(0)", "raised SystemExit: 0"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "was killed by SIGKILL"),
        ("print('the end', flush=True); os.abort()", "SIGABRT .*printed last: .*the end"),
        ("raise ValueError('no such zone')", "raised ValueError: no such zone"),
        ("raise ValueError('x' * 10**6)", "raised ValueError: x{400,500}$"),
        (OWN_STATUS, "channel that is kept for its status"),
    ],
    ids=[
        "exits with 0",
        "asks to exit",
        "kills itself",
        "aborts",
        "raises",
        "raises at length",
        "says its status",
    ],
)
def test_a_model_that_does_not_answer(sandbox, bare_model, table, predict, sentence):
    scored = sandbox.run(bare_model(predict), {"holdout": table}).scores["holdout"]
    assert isinstance(scored, Failed)
    assert re.search(sentence, scored.reason)
    assert scored.fault == "candidate"


UNSTOPPABLE = """
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
time.sleep(999)
"""
FORKS = """
while os.fork():
    time.sleep(0.005)
time.sleep(999)
"""


HOARDS = """
hoard = []
while True:
    hoard.append(np.ones(1 << 20))
    time.sleep(0.005)
"""


@pytest.mark.parametrize(
    ("predict", "sentence"),
    [
        (HOARDS, "used more than 0.7 GiB of memory"),
        (FORKS, "started more than 20 processes"),
        ("pathlib.Path('big').write_bytes(bytes(2 << 20))", "raised OSError: .*File too large"),
    ],
    ids=["hoards", "forks for ever", "writes too much"],
)
def test_a_model_that_takes_too_much(narrow, bare_model, table, predict, sentence):
    run = narrow.run(bare_model(predict), {"holdout": table})
    assert isinstance(run.loading, Failed)
    assert re.search(sentence, run.loading.reason)
    assert isinstance(run.scores["holdout"], Failed)


@pytest.mark.parametrize(
    "predict",
    [UNSTOPPABLE, "while True: print('gatehouse ' * 1000)"],
    ids=["sleeps for ever", "prints for ever"],
)
def test_a_model_that_takes_too_long(impatient, bare_model, table, predict):
    run = impatient.run(bare_model(predict), {"holdout": table})
    assert run.loading == Failed("did not answer within 2 s when it was first asked")
    assert run.scores == {"holdout": run.loading}


def test_a_model_that_loads_for_ever(impatient, bare_model, table):
    run = impatient.run(bare_model("pass", load="time.sleep(999)"), {"holdout": table})
    assert run.loading == Failed("did not load within 2 s")
    assert run.scores == {"holdout": run.loading}


WRONG = """
answers = {10: np.zeros(9), 9: np.array(["5.0"] * 9)}
if len(data) == 8:
    raise ValueError("eight")
return answers.get(len(data), np.ones(len(data)))
"""


def test_a_wrong_answer_costs_its_own_table_only(sandbox, bare_model, table):
    tables = {str(rows): table.slice(0, rows) for rows in (10, 9, 8, 7)}
    run = sandbox.run(bare_model(WRONG), tables)
    assert isinstance(run.loading, Loaded)
    assert run.scores.pop("7").predictions.tolist() == [1.0] * 7
    assert {rows: failed.reason for rows, failed in run.scores.items()} == {
        "10": "gave predictions of shape (9,) for 10 rows, one for each is needed",
        "9": "gave predictions of type <U3, numbers are needed",
        "8": "raised ValueError: eight",
    }


def test_a_model_finds_no_secret_in_its_environment(monkeypatch, bare_model, table):
    monkeypatch.setenv("GATEHOUSE_SLACK_TOKEN", "planted-secret")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://planted.example.com")
    look = "raise ValueError(sorted(os.environ), 'planted' in pathlib.Path('/proc/self/environ').read_text())"
    with Sandbox(spares=0, threads=1) as sandbox:
        reason = sandbox.run(bare_model(look), {"holdout": table}).scores["holdout"].reason
    assert "'HOME'" in reason
    assert "False)" in reason
    assert "SLACK" not in reason
    assert "TRACKING" not in reason


def soon_gone(status):
    """What was killed may take the kernel a moment to clear away."""
    patience = time.monotonic() + 10
    while (there := status.exists() and ") Z " not in status.read_text()) and time.monotonic() < patience:
        time.sleep(0.01)
    return not there


LINGER = """
pids = []
for leave in (False, True):
    pid = os.fork()
    if pid == 0:
        if leave: os.setsid()
        time.sleep(999)
    pids.append(pid)
os._exit(3) if ENDS else None
raise ValueError(*pids)
"""


def test_what_a_model_forked_is_gone_after_it(sandbox, bare_model, table):
    model = bare_model(LINGER.replace("ENDS", "False"))
    pids = re.findall(r"\d+", sandbox.run(model, {"holdout": table}).scores["holdout"].reason)
    assert len(pids) == 2
    for pid in pids:
        assert soon_gone(Path(f"/proc/{pid}/stat"))


def test_a_fork_that_holds_the_pipes_open_does_not_hide_the_end(sandbox, bare_model, table):
    run = sandbox.run(bare_model(LINGER.replace("ENDS", "True")), {"holdout": table})
    assert run.scores["holdout"].reason.startswith("exited with code 3")


def test_the_next_run_is_as_if_nothing_had_been(sandbox, narrow, bare_model, table, frame):
    model = bare_model("return 2.5 + 1.5 * data['distance'].to_numpy()")
    for used in (sandbox, narrow):
        scored = used.run(model, {"holdout": table}).scores["holdout"]
        assert isinstance(scored, Scored)
        assert scored.predictions.tolist() == (2.5 + 1.5 * frame["distance"]).tolist()
