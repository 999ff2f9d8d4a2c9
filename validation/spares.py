"""Processes that wait ahead: started, confined, with what the next model will probably need imported.

Which libraries those are is told by the last models: a process is of one kind, and used for one model. A
wrong guess costs seconds and nothing else.
"""

import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from validation.child import Child

Kind = tuple[str, ...]
"""Modules that are imported before the model is loaded."""

BARE: Kind = ()
"""For a model with a loader of its own: nobody knows what that needs."""
PLAIN: Kind = ("mlflow.sklearn", "sklearn.pipeline", "sklearn.linear_model", "sklearn.ensemble", "skops.io")
"""For one that MLflow loads: most are of scikit-learn, or of functions that use it."""
KERAS: Kind = ("tensorflow", "keras", "mlflow.tensorflow")
_LOADER = re.compile(rb"^\s+loader_module:\s*mlflow\.(\w+)", re.MULTILINE)
_OF_KERAS = {b"tensorflow", b"keras"}
_MLMODEL_BYTES = 1 << 20


def kind_of(model: Path) -> Kind:
    """What the model below this folder will need, by its own word: for choosing a process, and no more."""
    try:
        with (model / "MLmodel").open("rb") as file:
            loader = _LOADER.search(file.read(_MLMODEL_BYTES))
    except OSError:
        return BARE  # what is wrong with it is told when it is loaded
    if loader is None:
        return BARE
    return KERAS if loader[1] in _OF_KERAS else PLAIN


@dataclass(frozen=True)
class _Spare:
    kind: Kind
    starting: Future[Child]


class Spares:
    """So many processes; shared between threads."""

    def __init__(self, wanted: int, start: Callable[[Kind], Child]) -> None:
        """`start` starts one process of a kind; it may raise OSError."""
        self._wanted = wanted
        self._start = start
        self._lock = threading.Lock()
        self._waiting: list[_Spare] = []
        self._last: deque[Kind] = deque([PLAIN] * wanted, maxlen=wanted)
        # Linux kills a bound child when the *thread* that started it ends, so one lasting thread starts all.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="sandbox")
        self._ender = ThreadPoolExecutor(1, thread_name_prefix="sandbox-end")
        self._at_work = 0
        self._ending: list[Future[None]] = []
        self._top_up()

    def take(self, kind: Kind) -> Child:
        """A process that waits, best one of this kind, or a new one. Raises OSError if none starts."""
        with self._lock:
            self._last.append(kind)
            self._waiting.sort(key=lambda spare: spare.kind != kind)
            while self._waiting:
                child = self._waiting.pop(0).starting.result()
                if child.alive:
                    return child
                child.end()
        return self.start(lambda: self._start(kind))

    def start(self, how: Callable[[], Child]) -> Child:
        """Any process, started by the one thread that may. Raises OSError."""
        return self._starter.submit(how).result()

    def retire(self, child: Child) -> None:
        """End a process beside other work: the memory of a large one takes the kernel a tenth of a second."""
        with self._lock:
            self._ending.append(self._ender.submit(child.end))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While any work lasts no spare is started: importing would compete with it for the cores.

        When the last ends, every retired process has ended.
        """
        with self._lock:
            self._at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1
                over, ending = not self._at_work, self._ending
                self._ending = [] if over else ending
            if over:
                for each in ending:
                    each.result()
                self._top_up()

    def _top_up(self) -> None:
        """One is kept for each of the last models; what none of them needed makes room."""
        with self._lock:
            missing = list(self._last) if self._wanted else []
            kept, gone = [], []
            for spare in self._waiting:
                if spare.kind in missing:
                    missing.remove(spare.kind)
                    kept.append(spare)
                else:
                    gone.append(spare)
            new = [_Spare(kind, self._starter.submit(self._start, kind)) for kind in missing]
            self._waiting = kept + new
        _end(gone)

    def close(self) -> None:
        """End them all."""
        with self._lock:
            self._wanted = 0
            left, self._waiting = self._waiting, []
        _end(left)
        self._starter.shutdown()


def _end(spares: list[_Spare]) -> None:
    for spare in spares:
        if spare.starting.exception() is None:
            spare.starting.result().end()
