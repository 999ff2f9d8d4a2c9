"""Stopping reaches all that belongs to a service and takes nothing from others."""

import subprocess
import sys

import psutil

from gatehouse.stack.ending import stop

FORKING = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
"""


def start(code):
    return subprocess.Popen(
        [sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE, text=True
    )


def test_the_exit_code_is_left_for_the_parent():
    with start("raise SystemExit(7)") as ended:
        ended.stdout.read()
        stop([ended.pid], 5.0)
        assert ended.wait() == 7


def test_children_of_a_leader_that_died_are_stopped(dummies):
    with start(FORKING + "raise SystemExit(1)") as leader:
        child = int(leader.stdout.readline())
        leader.wait()
        stop([leader.pid], 5.0)
    assert dummies.is_gone(child, 0.5)


def test_a_leader_may_stop_its_own_children_in_its_own_way(tmp_path):
    asked = tmp_path / "child was asked"
    child = f"import signal, pathlib; signal.signal(15, lambda *_: pathlib.Path({str(asked)!r}).touch())"
    code = f"""
import signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {child + "; print(1, flush=True); import time; time.sleep(600)"!r}])
def leave(*_):
    child.kill()
    sys.exit(3)
signal.signal(signal.SIGTERM, leave)
while True: time.sleep(0.1)
"""
    with start(code) as leader:
        leader.stdout.readline()
        stop([leader.pid], 5.0)
        assert leader.wait() == 3
    assert not asked.exists()


def test_others_are_left_alone():
    with start("import time; time.sleep(600)") as other, start("import time; time.sleep(600)") as ours:
        stop([ours.pid], 5.0)
        assert psutil.Process(other.pid).status() != psutil.STATUS_ZOMBIE
        assert other.poll() is None
        other.kill()
