"""How services end: asked first, killed after a grace, with everything they started."""

import os
import signal
import time
from collections.abc import Collection, Sequence
from contextlib import suppress

import psutil

_ROUNDS = 3
_KILL_S = 2.0
_LOOK_S = 0.05


def stop(pids: Sequence[int], grace_s: float) -> None:
    """Stop these session leaders, the last given first, and all that belongs to them.

    Each leader is asked by SIGTERM; what is left after `grace_s` seconds is killed, also descendants that
    have left the session. Exit codes are left for whoever started them.
    """
    belonging = _belonging(pids)
    for pid in reversed(pids):
        _ask(pid)
    _wait(belonging, grace_s)
    for _ in range(_ROUNDS):
        left = [each for each in belonging | _belonging(pids) if _is_alive(each)]
        if not left:
            return
        _kill(left)


def _ask(pid: int) -> None:
    """The leader knows how to stop its own; where it is dead, its group is asked in its place."""
    with suppress(ProcessLookupError, PermissionError, psutil.NoSuchProcess):  # gone already
        leads = psutil.pid_exists(pid) and _is_alive(psutil.Process(pid))
        (os.kill if leads else os.killpg)(pid, signal.SIGTERM)


def _kill(processes: Collection[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _wait(processes, _KILL_S)


def _wait(processes: Collection[psutil.Process], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(map(_is_alive, processes)) and time.monotonic() < deadline:
        time.sleep(_LOOK_S)


def _is_alive(process: psutil.Process) -> bool:
    """A zombie is dead: in a container, nobody may ever reap it."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _belonging(pids: Sequence[int]) -> set[psutil.Process]:
    """Members of the sessions, whose leader may be dead, and descendants, whose session may be another."""
    leaders = set(pids)
    members = {each for each in psutil.process_iter() if _session(each.pid) in leaders}
    for member in tuple(members):
        with suppress(psutil.NoSuchProcess):
            members.update(member.children(recursive=True))
    return members


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return -1
