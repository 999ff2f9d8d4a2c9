"""A stack that is killed leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

from gatehouse.stack.errors import StackRefused
from gatehouse.stack.home import open_home

PARENT = """
import sys
from pathlib import Path
from gatehouse.stack.home import open_home
from gatehouse.stack.service import Service
from gatehouse.stack.supervisor import Supervisor
home, *codes = sys.argv[1:]
with (
    open_home(Path(home)) as home,
    Supervisor(home, print, grace_s=1.0) as supervisor,
    home.settings_for_others({"A": "1"}),
):
    supervisor.start([
        Service(f"s{n}", (sys.executable, "-c", code), {}, lambda log: "here" in log or "up" in log)
        for n, code in enumerate(codes)
    ])
    print("pids", *[each.pid for each in supervisor._running.values()], flush=True)
    supervisor.watch()
"""


@pytest.fixture
def parent(tmp_path, dummies):
    """A stack of a plain and a stubborn service in a process of its own; its service pids."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "home"), dummies.wait, dummies.stubborn],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        line = next(line for line in process.stdout if line.startswith("pids"))
        yield process, [int(pid) for pid in line.split()[1:]], tmp_path / "home"
        process.kill()


def test_after_kill_9_no_service_stays_and_nobody_is_sent_to_it(parent, dummies):
    process, pids, home = parent
    away = int((home / "logs" / "s1.log").read_text().split()[1])
    assert (home / "local.env").exists()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert [pid for pid in [*pids, away] if not dummies.is_gone(pid)] == []
    # The lock is free once the warden has cleaned up: not before.
    with _opened_within(home, 5.0):
        assert not (home / "local.env").exists()


def test_while_the_killed_stack_is_still_stopping_its_home_stays_locked(parent, dummies):
    process, pids, home = parent
    process.kill()
    process.wait()
    with pytest.raises(StackRefused, match=f"process {process.pid}"), open_home(home):
        pytest.fail("two stacks in one home")
    assert all(dummies.is_gone(pid) for pid in pids)


def test_an_interrupted_stack_stops_its_services(parent, dummies):
    process, pids, home = parent
    process.send_signal(signal.SIGINT)
    assert [pid for pid in pids if not dummies.is_gone(pid, 15)] == []
    process.wait()
    assert not (home / "local.env").exists()


def _opened_within(home, seconds):
    deadline = time.monotonic() + seconds
    while True:
        opening = open_home(home)
        try:
            opening.__enter__()
        except StackRefused:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            opening.__exit__(None, None, None)
            return open_home(home)
