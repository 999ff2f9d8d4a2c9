"""`python -m training.service.leash PARENT WORDS`: Python with these words, killed when its parent dies.

A training that outlived its service would go on beside the one that takes its place. Linux alone can do this.
"""

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
"""prctl(2)."""


def main() -> None:
    """Tie this process to its parent, unless that is dead already, and become the other."""
    parent, *words = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == int(parent):
        os.execv(sys.executable, [sys.executable, *words])  # noqa: S606 our own words


if __name__ == "__main__":
    main()
