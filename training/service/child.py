"""The process that trains: started, listened to, stopped in order."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

BEAT_S: Final = 30.0


class Ended(NamedTuple):
    """How a process ended, and the sentence in which it said why, if it did."""

    code: int
    why: str = ""


_NEVER_BEGUN: Final = Ended(130)


class Child:
    """Runs one process at a time. `stop` may be called from any thread, and once called, none is started."""

    stopped = False

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._changing = threading.Lock()

    def stop(self) -> None:
        """Have the process end in order: it keeps a checkpoint."""
        self.stopped = True
        with self._changing:
            if self._process is not None:
                self._process.terminate()

    def run(self, words: Sequence[str], environ: Mapping[str, str], beat: Callable[[], None]) -> Ended:
        """Run Python with these words to its end; `beat` is called every half minute meanwhile."""
        with self._changing:
            if self.stopped:
                return _NEVER_BEGUN
            self._process = subprocess.Popen(  # noqa: S603 our own words
                [sys.executable, "-m", "training.service.leash", str(os.getpid()), *words],
                env=dict(environ),
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
            )
        process, said = self._process, list[str]()
        listening = threading.Thread(target=_pass_on, args=(process, said), daemon=True)
        listening.start()
        code = _wait(process, beat)
        listening.join()
        with self._changing:
            self._process = None
        return Ended(code, said[-1] if said else "")


def _wait(process: "subprocess.Popen[str]", beat: Callable[[], None]) -> int:
    while True:
        try:
            return process.wait(BEAT_S)
        except subprocess.TimeoutExpired:
            beat()


def _pass_on(process: "subprocess.Popen[str]", said: list[str]) -> None:
    """What it says is said; its own errors are kept."""
    assert process.stderr is not None
    for line in process.stderr:
        sys.stderr.write(line)
        if line.startswith("Error: "):
            said.append(line.removeprefix("Error: ").strip())
