"""LocalStack: the whole of Gatehouse on one machine, for `gatehouse up` and `gatehouse demo`."""

import os
import signal
import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from types import FrameType, TracebackType
from typing import Self

from gatehouse.stack.home import open_home
from gatehouse.stack.ports import Ports, choose
from gatehouse.stack.services import services
from gatehouse.stack.site import Site
from gatehouse.stack.supervisor import Supervisor
from registry.mlflow_webhooks import ensure_webhook

_NO_VARIABLES: Mapping[str, str] = {}
_TERMINATED = 128 + signal.SIGTERM


class LocalStack:
    """Everything up inside a `with`, everything down after it; `site` tells the addresses.

    `prepare` is called with the ledger's URL before anything starts. `worker_environ` goes to the workers
    alone. Raises StackRefused, ServiceDied, and RegistryError if the webhook cannot be registered.
    """

    site: Site

    def __init__(
        self,
        home: Path,
        *,
        policies: Path,
        prepare: Callable[[str], None],
        report: Callable[[str], None],
        wanted: Ports | None = None,
        worker_environ: Mapping[str, str] = _NO_VARIABLES,
    ) -> None:
        self._home = home
        self._policies = policies.absolute()
        self._prepare = prepare
        self._report = report
        self._wanted = wanted or Ports()
        self._worker_environ = dict(worker_environ)
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self._open(opening)
            self._opened = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._report("stopping the local stack")
        finally:
            self._opened.close()

    def check(self) -> None:
        """Raises ServiceDied if any service has ended by itself."""
        self._supervisor.check()

    def watch(self) -> None:
        """Stay until the caller is interrupted; what dies is started again. Raises ServiceDied."""
        self._supervisor.watch()

    def _open(self, opening: ExitStack) -> None:
        opening.enter_context(_ending_on_sigterm())
        home = opening.enter_context(open_home(self._home))
        ports = choose(self._wanted, self._report)
        self.site = Site(home.path, ports, self._policies, os.environ, self._worker_environ)
        webhook_secret = home.secret("webhook", lambda: token_urlsafe(32))
        plugin_secret = home.secret("plugin", lambda: f"whsec_{b64encode(token_bytes(32)).decode()}")
        mlflow_key = home.secret("mlflow", lambda: urlsafe_b64encode(token_bytes(32)).decode())
        table = services(
            self.site,
            webhook_secret=webhook_secret,
            plugin_secret=plugin_secret,
            mlflow_key=mlflow_key,
            console_secret=home.secret("console", lambda: token_urlsafe(32)),
        )
        self._prepare(self.site.settings["GATEHOUSE_LEDGER_URL"])
        self._supervisor = opening.enter_context(Supervisor(home, self._report))
        self._supervisor.start(table)
        ensure_webhook(
            self.site.registry_url,
            name="gatehouse",
            url=f"{self.site.receiver_url}/webhooks/mlflow",
            secret=webhook_secret,
        )
        told = self.site.settings | {"GATEHOUSE_WEBHOOK_SECRET": webhook_secret}
        opening.enter_context(home.settings_for_others(told))


@contextmanager
def _ending_on_sigterm() -> Iterator[None]:
    """Leave by the same way as after Ctrl-C when a service manager asks."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(_TERMINATED)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
