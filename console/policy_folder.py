"""The policies' folder as it was last read: a page does not wait for YAML that has not changed."""

from pathlib import Path

from policies.book import PolicyBook
from policies.load import load_policies

Look = frozenset[tuple[str, int, int]]
"""Every file with its time and size: also those that policies name, such as tests of a team."""


class PolicyFolder:
    """Reads a folder anew where any of its files, or their number, is another."""

    def __init__(self) -> None:
        self._last: tuple[Path, Look, PolicyBook] | None = None

    def load(self, folder: Path) -> PolicyBook:
        """As `policies.load.load_policies`."""
        look = _look(folder)
        if self._last is None or self._last[:2] != (folder, look):
            self._last = (folder, look, load_policies(folder))
        return self._last[2]


def _look(folder: Path) -> Look:
    found = []
    for path in folder.rglob("*"):
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)
