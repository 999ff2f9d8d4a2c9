"""What a model that means harm may not do, tried by models that try it, with the measures of this machine."""

import errno
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from policies.sandbox_levels import LEVELS
from tests.validation.conftest import write_bare_model
from validation.answers import Scored
from validation.confinement import Confinement, enough
from validation.sandbox import Sandbox
from validation.system_calls import filter_for

TELL = "raise ValueError(found)"
REFUSED = ("Permission denied", "Operation not permitted")


@pytest.fixture(scope="module")
def confined():
    """A sandbox whose parent has a secret in its environment."""
    os.environ["GATEHOUSE_PLANTED"] = "planted-secret"
    with Sandbox(spares=0, threads=1) as sandbox:
        if sandbox.confinement().level != "closed":
            pytest.skip(f"this machine's kernel gives only the level {sandbox.confinement().level}")
        yield sandbox
    del os.environ["GATEHOUSE_PLANTED"]


@pytest.fixture
def tried(confined, bare_model, frame):
    """What came of an attempt: an expression, or statements that leave `found`."""
    table = pa.Table.from_pandas(frame, preserve_index=False)

    def attempt(code):
        model = bare_model(f"import socket, ctypes, subprocess\n{code}\n{TELL}")
        return confined.run(model, {"holdout": table}).scores["holdout"].reason

    return attempt


ATTEMPTS = {
    "opens a socket": "found = socket.socket()",
    "asks the kernel about the network": "found = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "reads the users' passwords": "found = open('/etc/shadow').read()",
    "reads the product's sources": "found = open('ROOT/pyproject.toml').read()",
    "lists a folder of others": "found = os.listdir('/home')",
    "reads its parent's environment": "found = open(f'/proc/{os.getppid()}/environ').read()",
    "reads its parent's memory": "found = open(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
    "reads how its parent was called": "found = open(f'/proc/{os.getppid()}/cmdline').read()",
    "signals its parent": "found = os.kill(os.getppid(), 0)",
    "writes where everybody may": "found = open('/tmp/gatehouse-was-here', 'w')",
    "writes to shared memory": "found = open('/dev/shm/gatehouse-was-here', 'w')",
    "changes its own files": "found = open(os.path.join(os.path.dirname(__file__), 'more.py'), 'w')",
    "changes what it was asked": "found = open('../inputs-0.arrow', 'wb')",
    "makes a device": "found = os.mknod('null', 0o20666, os.makedev(1, 3))",
    "makes a link to what it may not read": "name = str(time.time()); os.symlink('/etc/shadow', name); found = open(name).read()",
}


CALLS = {"unshare": (272, 0x10000000), "ptrace": (101, 0), "bpf": (321, 0), "io_uring": (425, 1)}
CALL = """
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall({}, {}, 0, 0) == -1:
    raise OSError(ctypes.get_errno(), 'refused')
"""
STARTS = """
said = subprocess.run(['/bin/cat', '/etc/shadow'], capture_output=True, text=True).stderr
if 'Permission denied' in said:
    raise PermissionError(13, said)
"""
TRY_ALL = """
import ctypes, socket, subprocess
def number_of(code):
    try:
        exec(code, dict(globals(), ctypes=ctypes, socket=socket, subprocess=subprocess))
    except OSError as error:
        return error.errno
    return 0
Model.numbers = np.array([number_of(code) for code in {}])
"""


@pytest.fixture(scope="module")
def numbers(confined, tmp_path_factory):
    """By attempt: the number of the error that it ended in, 0 for none. One model makes them all."""
    root = str(Path(__file__).parents[2])
    codes = {name: code.replace("ROOT", root) for name, code in ATTEMPTS.items()}
    codes |= {name: CALL.format(*words) for name, words in CALLS.items()} | {"starts": STARTS}
    model = write_bare_model(
        tmp_path_factory.mktemp("attempts") / "model",
        "return Model.numbers[data['distance'].to_numpy().astype(int)]",
        load=TRY_ALL.format(list(codes.values())),
    )
    places = pa.table({"distance": [float(n) for n in range(len(codes))], "hour": [0.0] * len(codes)})
    scored = confined.run(model, {"holdout": places}).scores["holdout"]
    assert isinstance(scored, Scored), scored
    return dict(zip(codes, scored.predictions, strict=True))


@pytest.mark.parametrize("name", ATTEMPTS)
def test_what_is_refused(numbers, name):
    assert numbers[name] in {errno.EACCES, errno.EPERM}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of these calls are those of x86-64")
@pytest.mark.parametrize("name", CALLS)
def test_calls_that_reach_further_are_refused(numbers, name):
    assert numbers[name] == errno.EPERM


def test_what_it_starts_is_confined_too(numbers):
    assert numbers["starts"] == errno.EACCES


def test_nobody_hears_it_on_this_machine(tried):
    with socket.create_server(("127.0.0.1", 0)) as server:
        told = tried(f"found = socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))")
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert any(refusal in told for refusal in REFUSED)


def test_a_link_among_its_files_leads_nowhere_else(confined, bare_model, frame, tmp_path):
    (tmp_path / "secret").write_text("planted-secret")
    model = bare_model("raise ValueError(open(os.path.join(os.path.dirname(__file__), 'link')).read())")
    (model / "code" / "link").symlink_to(tmp_path / "secret")
    table = pa.Table.from_pandas(frame, preserve_index=False)
    reason = confined.run(model, {"holdout": table}).scores["holdout"].reason
    assert "planted" not in reason
    assert "PermissionError" in reason


def test_a_model_still_has_what_models_need(confined, bare_model, frame):
    code = """
    import json, multiprocessing, tempfile, threading
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x")
    thread = threading.Thread(target=os.cpu_count); thread.start(); thread.join()
    assert os.popen("echo hi").read() == "hi\\n"
    assert open("/proc/self/status").read() and open("/proc/cpuinfo").read()
    here, there = __import__("socket").socketpair()
    return np.ones(len(data))
    """
    table = pa.Table.from_pandas(frame, preserve_index=False)
    assert isinstance(confined.run(bare_model(code), {"holdout": table}).scores["holdout"], Scored)


def test_a_level_that_is_demanded_and_not_to_be_had_is_the_surroundings_fault(bare_model, frame):
    table = pa.Table.from_pandas(frame, preserve_index=False)
    with Sandbox(spares=0, threads=1, machine="strange") as sandbox:
        run = sandbox.run(bare_model("return np.ones(len(data))"), {"holdout": table}, level="closed")
        assert run.loading.fault == "surroundings"
        assert "demands the sandbox level 'closed', and here it is 'offline'" in run.loading.reason
        assert isinstance(
            sandbox.run(bare_model("return np.ones(len(data))", name="m2"), {"holdout": table}).scores[
                "holdout"
            ],
            Scored,
        )


@pytest.mark.parametrize(
    ("measures", "level"),
    [
        ("", "limited"),
        ("user", "limited"),
        ("files", "limited"),
        ("network", "offline"),
        ("calls", "offline"),
        ("network files", "offline"),
        ("files calls", "closed"),
        ("network user files calls", "closed"),
    ],
)
def test_what_measures_amount_to(measures, level):
    assert Confinement(frozenset(measures.split())).level == level


def test_levels_are_a_ladder():
    assert [[enough(found, demanded) for demanded in LEVELS] for found in LEVELS] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


def test_what_is_not_covered_is_told():
    assert len(Confinement(frozenset()).uncovered) == 4
    assert Confinement(frozenset({"network", "user", "files", "calls"})).uncovered == ()


def test_no_filter_is_known_for_a_strange_machine():
    assert filter_for("m68k") is None
    assert filter_for("aarch64") != filter_for("x86_64")


def test_a_filter_whose_machine_is_another_kills(tmp_path):
    code = (
        "import ctypes, sys\n"
        "libc = ctypes.CDLL(None)\n"
        "program = bytes.fromhex(sys.argv[1])\n"
        "held = ctypes.create_string_buffer(program, len(program))\n"
        "class P(ctypes.Structure): _fields_ = (('n', ctypes.c_ushort), ('p', ctypes.c_void_p))\n"
        "libc.prctl(38, 1, 0, 0, 0)\n"
        "libc.prctl(22, 2, ctypes.byref(P(len(program) // 8, ctypes.addressof(held))), 0, 0)\n"
    )
    other = filter_for("aarch64" if platform.machine() == "x86_64" else "x86_64")
    done = subprocess.run([sys.executable, "-c", code, other.hex()], check=False, capture_output=True)
    assert done.returncode < 0
