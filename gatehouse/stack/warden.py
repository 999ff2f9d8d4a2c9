"""The warden: a small process that outlives a killed stack and stops what the stack left running.

`python -m gatehouse.stack.warden FILE` reads the pid of each started service from its standard input. The
word "done" means all went well. An input that ends without it means that the stack was killed: the warden
stops the services and removes FILE, which would send others to a stack that is gone. It also holds the lock
of the home until then. Unlike Linux's parent-death signal, this reaches grandchildren, and works on macOS.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from gatehouse.stack.ending import stop

GRACE_S = 3.0
DONE = "done"


def watch(lines: Iterable[str], left_behind: Path) -> None:
    """Read until the end; clean up unless all went well."""
    pids: list[int] = []
    for line in lines:
        if line.strip() == DONE:
            return
        pids.append(int(line))
    stop(pids, GRACE_S)
    left_behind.unlink(missing_ok=True)


if __name__ == "__main__":
    watch(sys.stdin, Path(sys.argv[1]))
