"""The home folder of one stack: its lock, secrets, logs, and the settings it leaves for other terminals."""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gatehouse.stack.errors import StackRefused

_FOLDERS = ("logs", "redis", "run", "secrets")


class Home:
    """A home that is locked for us: made by `open_home`."""

    def __init__(self, path: Path, lock_fd: int) -> None:
        self.path = path
        self.lock_fd = lock_fd
        self.local_env = path / "local.env"

    def log(self, service: str) -> Path:
        """The log file of a service."""
        return self.path / "logs" / f"{service}.log"

    def secret(self, name: str, make: Callable[[], str]) -> str:
        """A secret that is made once and kept, readable by its owner only."""
        kept = self.path / "secrets" / name
        if not kept.exists():
            _write_private(kept, make())
        if not (secret := kept.read_text(encoding="utf-8").strip()):
            raise StackRefused(f"{kept} is empty: delete it, and a new secret is made")
        return secret

    @contextmanager
    def settings_for_others(self, settings: Mapping[str, str]) -> Iterator[None]:
        """While inside, commands in other terminals find these settings."""
        _write_private(self.local_env, "".join(f"{key}={_quoted(text)}\n" for key, text in settings.items()))
        try:
            yield
        finally:
            self.local_env.unlink(missing_ok=True)


@contextmanager
def open_home(path: Path) -> Iterator[Home]:
    """Make and lock the folder. Raises StackRefused if it cannot be written to or another stack has it."""
    path = path.absolute()
    try:
        for folder in (path, *(path / name for name in _FOLDERS)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        _lock(lock, path)
        yield Home(path, lock)
    finally:
        os.close(lock)


def unwritable(path: Path, error: OSError) -> StackRefused:
    """What to say of a folder that nothing can be written to."""
    return StackRefused(
        f"the folder {path} cannot be written to ({error.strerror}): choose another with GATEHOUSE_HOME"
    )


def _lock(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(lock, 20, 0).decode(errors="replace").strip()
        raise StackRefused(
            f"a stack is running in {path}, or still stopping (process {holder}): "
            "stop it, or choose another home with GATEHOUSE_HOME"
        ) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def _write_private(path: Path, text: str) -> None:
    """Never visible half written, nor to anyone else."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    new.replace(path)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
