"""Ports of the stack: the wanted one where it is free, another one where it is not."""

import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass

HOST = "127.0.0.1"
_HEARD_S = 0.2


@dataclass(frozen=True)
class Ports:
    """One TCP port of this machine per service that listens; 0 takes any."""

    mlflow: int = 5000
    receiver: int = 8000
    console: int = 8010
    redis: int = 6390


def choose(wanted: Ports, report: Callable[[str], None]) -> Ports:
    """Ports that are free now and differ from each other; a wanted one that is not free is reported."""
    with ExitStack() as held:
        return Ports(**{name: _take(name, port, held, report) for name, port in asdict(wanted).items()})


def _take(name: str, wanted: int, held: ExitStack, report: Callable[[str], None]) -> int:
    """Bind and hold, so that the next service cannot be given the same port."""
    try:
        return _bind(wanted, held)
    except OSError as error:
        taken = _bind(0, held)
        report(f"port {wanted} for {name} cannot be had ({error.strerror or error}): taking {taken}")
        return taken


def _bind(port: int, held: ExitStack) -> int:
    if port and _is_heard(port):
        raise OSError("in use")
    probe = held.enter_context(socket.socket())
    # A port that only waits for its last packets is free; servers take it the same way.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind((HOST, port))
    probe.listen()
    chosen: int = probe.getsockname()[1]
    return chosen


def _is_heard(port: int) -> bool:
    """On macOS a port may be bound beside a server that listens on every address: ask it as well."""
    with socket.socket() as caller:
        caller.settimeout(_HEARD_S)
        return caller.connect_ex((HOST, port)) == 0
