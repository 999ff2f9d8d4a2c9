"""Which processes belong to one run, how much memory each holds, and what it wrote: read from the system.

A process belongs if it is in the run's process group, or was started with the run's mark in its environment
(daemons of well-meaning libraries leave the group). One that sheds both is not found. On systems without
/proc nothing is found, and the process group alone is stopped.
"""

import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

_PROC = Path("/proc")
_STATE, _GROUP = 0, 2
"""Fields of /proc/PID/stat behind the command's name; see proc_pid_stat(5)."""


def family(group: int, mark: str) -> list[int]:
    """The process ids, zombies left out."""
    found = []
    for entry in _PROC.glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if fields[_STATE] != "Z" and (int(fields[_GROUP]) == group or _carries(entry, mark)):
                found.append(int(entry.name))
        except OSError:
            continue  # it ended meanwhile, or is another user's: not ours either way
    return found


def _carries(entry: Path, mark: str) -> bool:
    return mark.encode() in (entry / "environ").read_bytes()


def held(pid: int) -> int:
    """Resident bytes, pages shared with others by share: a fork costs what it changed. 0 if it has ended."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def resident(pid: int) -> tuple[int, int] | None:
    """Bytes resident now, and at most so far, as the kernel remembers; None if nobody can see."""
    try:
        lines = (_PROC / str(pid) / "status").read_text(errors="replace").splitlines()
        found = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.startswith("Vm")}
        return found["VmRSS"], found["VmHWM"]
    except (OSError, KeyError, ValueError):
        return None


LEAST_BYTES = 1 << 16
"""What a file counts for at least: so many empty ones cost the disk, too."""


def written(folder: Path, enough: int) -> int:
    """Bytes on disk below a folder that may change meanwhile; no more is counted once it is `enough`."""
    total = 0
    for at, folders, files in os.walk(folder):
        for name in (*folders, *files):
            total += max(LEAST_BYTES, _blocks(Path(at, name).lstat))
            if total > enough:
                return total
    return total


def nameless(pids: Iterable[int]) -> int:
    """Bytes of the files that processes hold open and that no folder shows: deleted ones, and of memory."""
    seen: dict[tuple[int, int], int] = {}
    for pid in pids:
        for opened in (_PROC / str(pid) / "fd").glob("*"):
            try:
                facts = opened.stat()
            except OSError:
                continue  # closed meanwhile
            if stat.S_ISREG(facts.st_mode) and facts.st_nlink == 0:
                seen[facts.st_dev, facts.st_ino] = facts.st_blocks * 512
    return sum(seen.values())


def _blocks(look: Callable[[], os.stat_result]) -> int:
    try:
        return look().st_blocks * 512
    except OSError:
        return 0  # it is gone
