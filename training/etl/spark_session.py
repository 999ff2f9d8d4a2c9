"""A Spark session: on this machine, on a cluster, or by Spark Connect; or a sentence why there is none.

Spark by itself tries a master that is not there for minutes, and then says so in two pages.
"""

import os
import re
import shutil
import socket
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final

from training.errors import EngineMissing, EngineUnavailable

LOCAL: Final = "local[*]"
DRIVER_MEMORY: Final = "3g"
"""Of the one process that Spark is on this machine: no step holds more than the rows it is at."""
_REACH_S: Final = 5.0
_START_S: Final = 24.0
"""A master that takes connections and says nothing is given up within half a minute, all told."""
_START_LOCAL_S: Final = 180.0
_PORTS: Final = {"spark": 7077, "sc": 15002, "k8s": 443}
_QUIET: Final = {"spark.ui.enabled": "false"}
_SETTINGS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",  # as in files: `Key` beside `key` is another column
    "spark.sql.maxConcurrentOutputFileWriters": "4",  # else Spark sorts all rows by their split
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    # Of larger methods, as all features in one are, Java compiles nothing; split, they take half the time.
    "spark.sql.codegen.hugeMethodLimit": "8000",
}


@contextmanager
def session(master: str = "", remote: str = "", *, memory: str = DRIVER_MEMORY) -> Iterator[Any]:
    """Give a session for as long as the block lasts. Raises EngineMissing, EngineUnavailable.

    `master` is Spark's word for it (`local[*]`, `spark://HOST:7077`, `yarn`), `remote` a Spark Connect
    server's address (`sc://HOST:15002`); with neither, Spark runs on this machine.
    """
    _insist_on_installed(needs_java=not remote)
    where = remote or master or LOCAL
    _reach(where)
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    spark = _started(where, memory, is_remote=bool(remote))
    try:
        yield spark
    finally:
        spark.stop()


def _insist_on_installed(*, needs_java: bool) -> None:
    if find_spec("pyspark") is None:
        raise EngineMissing(
            "Spark is not installed here: pip install 'gatehouse[spark]', or use --engine duckdb"
        )
    home = os.environ.get("JAVA_HOME")
    if needs_java and not shutil.which("java", path=f"{home}/bin" if home else None):
        where = f"JAVA_HOME={home} holds none" if home else "there is none on the PATH"
        raise EngineMissing(
            f"Spark needs Java 17 or newer, and {where}:"
            " install it, name a Spark Connect server by --remote, or use --engine duckdb"
        )


def _reach(where: str) -> None:
    """Raise EngineUnavailable at once where nothing listens at an address of which one port is known."""
    scheme, _, rest = where.removeprefix("k8s://").partition("://")
    port = _PORTS.get("k8s" if where.startswith("k8s://") else scheme)
    if not port:
        return
    hosts = re.split(r"[/;]", rest, maxsplit=1)[0].split(",")
    failures = [failure for host in hosts if (failure := _unreached(host, port))]
    if len(failures) == len(hosts):
        raise EngineUnavailable(f"no Spark answers at {where}: {'; '.join(failures)}")


def _unreached(address: str, port: int) -> str:
    host, _, number = address.rpartition(":") if re.search(r":\d+$", address) else (address, "", str(port))
    try:
        socket.create_connection((host.strip("[]"), int(number)), timeout=_REACH_S).close()
    except (OSError, OverflowError) as error:
        return f"{address}: {error}"
    return ""


@dataclass
class _Attempt:
    """How far a thread has come that starts Spark."""

    spark: Any = None
    is_done: bool = False
    failure: Exception | None = None


def _started(where: str, memory: str, *, is_remote: bool) -> Any:
    """Start in a thread of its own: what Spark waits for cannot be told when to give up."""
    patience = _START_LOCAL_S if where.startswith("local") else _START_S
    attempt = _Attempt()
    starter = threading.Thread(target=_start, args=(where, memory, is_remote, attempt), daemon=True)
    starter.start()
    starter.join(patience)
    if attempt.is_done:
        return attempt.spark
    _give_up(attempt.spark if is_remote else None)
    if attempt.failure:
        said = str(attempt.failure).strip().splitlines() or [type(attempt.failure).__name__]
        raise EngineUnavailable(f"Spark at {where} cannot be used: {said[0]}") from attempt.failure
    raise EngineUnavailable(f"Spark at {where} did not take us within {patience:.0f} s: is a master there?")


def _start(where: str, memory: str, is_remote: bool, attempt: _Attempt) -> None:
    try:
        from pyspark.sql import SparkSession

        if is_remote:
            attempt.spark = SparkSession.builder.remote(where).getOrCreate()
        else:
            builder = SparkSession.builder.master(where).appName("gatehouse-etl")
            bar = str(sys.stderr.isatty()).lower()  # Spark draws one of its stages, wherever stderr leads
            builder = builder.config("spark.driver.memory", memory).config(
                "spark.ui.showConsoleProgress", bar
            )
            builder = builder.config(map=dict(_QUIET))
            attempt.spark = builder.getOrCreate()
            attempt.spark.sparkContext.setLogLevel("ERROR")
        for name, value in _SETTINGS.items():  # over Connect, the first words that need an answer
            attempt.spark.conf.set(name, value)
        attempt.is_done = True
    except Exception as error:  # noqa: BLE001 handed over to the thread that waits, which raises it
        attempt.failure = error


def _give_up(remote: Any) -> None:
    """Leave nothing behind that would keep this process from ending: Spark tries on for ten minutes."""
    if remote is not None:
        remote.client.close()
    _end_java()


def _end_java() -> None:
    from pyspark import SparkContext

    process = getattr(SparkContext._gateway, "proc", None)  # noqa: SLF001 Spark gives no other way to it
    if process is not None:
        process.kill()
