"""Which engine does the work: DuckDB, unless Spark is asked for or a cluster is configured."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from training.errors import EngineRefused
from training.etl.prepare import DUCKDB, Engine

CHOICES: Final = ("auto", "duckdb", "spark")


@contextmanager
def chosen(engine: str, master: str, remote: str) -> Iterator[Engine]:
    """Give an engine, ready to work. Raises EngineRefused, EngineMissing, EngineUnavailable.

    A cluster is a `master` that is not `local…`, or a Spark Connect server in `remote`.
    """
    if master and remote:
        raise EngineRefused("--master and --remote name two different Sparks: give one of them")
    is_cluster = bool(remote) or (bool(master) and not master.startswith("local"))
    if engine == "duckdb" or (engine == "auto" and not is_cluster):
        yield DUCKDB
        return
    from training.etl import on_spark
    from training.etl.spark_session import LOCAL, session

    with session(master, remote) as spark:
        yield Engine(f"Spark at {remote or master or LOCAL}", partial(on_spark.run, spark))
