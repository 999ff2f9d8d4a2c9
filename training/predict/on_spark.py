"""The consumer for many rows: `python -m training.predict.on_spark --data FOLDER --out FOLDER`.

MLflow makes a function of Spark's of whatever version is in service; the rows never leave the cluster.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from training.devices import quiet
from training.errors import EngineMissing, EngineUnavailable, OutputUnavailable, TripsInvalid, told
from training.etl.features import FEATURES
from training.server import named, reach

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PREDICTED = "predicted"
"""The column that is added."""
_WRITTEN: Final = "_SUCCESS"
"""That Spark leaves in a folder which it filled."""


def predict(spark: "SparkSession", model: str, data: str, out: str) -> int:
    """Write the rows of Parquet with the model's answers beside them; how many there were comes back.

    The executors need the model's packages, as this process has them. Raises what Spark and MLflow raise.
    """
    import mlflow
    from pyspark.sql import functions as f

    answer = mlflow.pyfunc.spark_udf(spark, model, result_type="double", env_manager="local")
    rows = spark.read.parquet(data)
    asked = rows.withColumn(PREDICTED, answer(f.struct(*map(f.col, FEATURES))))
    asked.write.mode("overwrite").parquet(out)
    return int(rows.count())


@contextmanager
def _named(data: str) -> Iterator[None]:
    """Turn what MLflow and Spark raise, pages long, into what to do."""
    import mlflow
    from mlflow.exceptions import MlflowException
    from pyspark.errors import AnalysisException, PySparkException

    try:
        yield
    except MlflowException as error:
        raise named(error, mlflow.get_tracking_uri()) from error
    except AnalysisException as error:
        raise TripsInvalid(f"{data} cannot be read as a split of the ETL: {_first(error)}") from error
    except PySparkException as error:
        raise EngineUnavailable(f"Spark failed: {_first(error)}") from error


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def insist_on_own(out: str) -> None:
    """Raise OutputUnavailable where others' files would be taken away: Spark empties the folder first."""
    place = Path(out)
    if place.is_file() or (place.is_dir() and any(place.iterdir()) and not _is_own(place)):
        raise OutputUnavailable(
            f"{out} holds something that no call of this wrote, and would be emptied: name another folder"
        )


def _is_own(place: Path) -> bool:
    """Whether Spark filled the folder, and with predictions: it may have filled others, too."""
    first = next(place.glob("part-*.parquet"), None)
    if first is None or not (place / _WRITTEN).is_file():
        return False
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return PREDICTED in pq.read_schema(first).names
    except pa.ArrowInvalid:
        return False


@click.command(
    epilog="Example: python -m training.predict.on_spark --data trips/holdout.parquet --out predicted/"
)
@click.option("--model", default="models:/taxi-fare/Production", show_default=True, help="MLflow address.")
@click.option("--data", required=True, help="Parquet that the ETL wrote, at any address that Spark reads.")
@click.option("--out", required=True, help="Folder to write to; what was written there before is replaced.")
@click.option("--master", default="local[*]", show_default=True, help="Spark's master.")
@click.option(
    "--tracking-uri", envvar="MLFLOW_TRACKING_URI", default="", help="MLflow; default: MLFLOW_TRACKING_URI."
)
def main(model: str, data: str, out: str, master: str, tracking_uri: str) -> None:
    """Predict the fares of many trips with the model in service, on Spark."""
    quiet()
    with told():
        reach(tracking_uri)
        insist_on_own(out)
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise EngineMissing("pyspark is not installed here: pip install 'gatehouse[spark]'") from error
        if tracking_uri:
            os.environ["MLFLOW_TRACKING_URI"] = tracking_uri  # executors on this host ask it, too
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # Spark would take the machine's own
        place = data if "://" in data else str(Path(data).absolute())
        spark = SparkSession.builder.master(master).appName("taxi fares").getOrCreate()
        try:
            with _named(data):
                rows = predict(spark, model, place, out)
        finally:
            spark.stop()
    click.echo(f"{rows:,} trips with their predicted fares in {out}")


if __name__ == "__main__":
    main()
