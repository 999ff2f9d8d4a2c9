"""Listens to a child's two pipes at once: its status, line by line, and the end of what it prints.

A model may write anything to either, for ever: of the print only the end is kept, of the status nothing but
short JSON objects with an expected state.
"""

import json
import os
import selectors
from collections.abc import Sequence
from typing import IO, Any

_READ_BYTES = 1 << 16
_TOLD_CHARACTERS = 300


class Garbled(Exception):
    """What came on the status pipe is no status: the reason completes "the model ..."."""

    def __init__(self) -> None:
        super().__init__("wrote to the channel that is kept for its status")


class Listener:
    """Both pipes of one child; `close` closes this end of them."""

    def __init__(self, status: IO[bytes], log: IO[bytes], log_bytes: int) -> None:
        self._pipes = (status, log)
        self._log_bytes = log_bytes
        self._said = b""
        self._printed = b""
        self._selector = selectors.DefaultSelector()
        for pipe in self._pipes:
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ)

    def listen(self, seconds: float) -> None:
        """Take what is there, waiting at most `seconds` for anything. Raises Garbled."""
        for key, _ in self._selector.select(seconds):
            data = os.read(key.fd, _READ_BYTES)
            if not data:
                self._selector.unregister(key.fileobj)
            elif key.fileobj is self._pipes[0]:
                self._said += data
            else:
                self._printed = (self._printed + data)[-self._log_bytes :]
        if len(self._said) > _READ_BYTES:
            raise Garbled

    def status(self, states: Sequence[str]) -> dict[str, Any] | None:
        """The next whole status, if there is one. Raises Garbled if its state is none of `states`."""
        line, newline, rest = self._said.partition(b"\n")
        if not newline:
            return None
        self._said = rest
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            raise Garbled from None
        if not isinstance(said, dict) or said.get("state") not in states:
            raise Garbled
        return said

    @property
    def last_words(self) -> str:
        """The end of what was printed, on one line."""
        return " ".join(self._printed.decode(errors="replace").split())[-_TOLD_CHARACTERS:]

    def close(self) -> None:
        """Listen no more."""
        self._selector.close()
        for pipe in self._pipes:
            pipe.close()
