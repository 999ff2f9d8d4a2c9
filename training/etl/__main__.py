"""`python -m training.etl`: from a file of trips to a folder that trainers and gates read."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console

from training.devices import quiet
from training.errors import told
from training.etl.engines import CHOICES, chosen
from training.etl.prepare import LIMIT_BAD, prepare
from training.etl.summary import Summary
from training.server import reach


@click.command(epilog="Example: python -m training.etl --data train.csv --out trips/")
@click.option(
    "--data",
    required=True,
    help="Kaggle's train.csv, or Parquet with its columns; a path or an address (s3://…).",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write to."
)
@click.option(
    "--engine",
    default="auto",
    show_default=True,
    type=click.Choice(CHOICES),
    help="auto: Spark where --master or --remote names a cluster, else DuckDB.",
)
@click.option(
    "--master", envvar="SPARK_MASTER", default="", help="Spark's master: local[*], spark://HOST:7077, yarn."
)
@click.option("--remote", envvar="SPARK_REMOTE", default="", help="Spark Connect server: sc://HOST:15002.")
@click.option(
    "--sample", type=click.IntRange(min=0), default=0, help="Keep about so many trips; 0 keeps all."
)
@click.option(
    "--limit-bad",
    type=click.FloatRange(0, 1),
    default=LIMIT_BAD,
    show_default=True,
    help="Refuse a file of which a larger share of rows is dropped.",
)
@click.option(
    "--tracking-uri",
    envvar="MLFLOW_TRACKING_URI",
    default="",
    help="MLflow to log the data set to; none: do not.",
)
@click.option("--experiment", default="taxi-fare", show_default=True, help="MLflow experiment.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def main(  # noqa: PLR0913 click gives each option an argument
    *,
    data: str,
    out: Path,
    engine: str,
    master: str,
    remote: str,
    sample: int,
    limit_bad: float,
    tracking_uri: str,
    experiment: str,
    as_json: bool,
) -> None:
    """Clean a file of trips, make features, split into train, validation and hold-out."""
    quiet()
    with told():
        reach(tracking_uri)
        with chosen(engine, master, remote) as at_work:
            summary = prepare(data, out, engine=at_work, sample=sample, limit_bad=limit_bad)
        if tracking_uri:
            from training.etl.logged import log

            log(summary, out, tracking_uri, experiment)
    _show(summary, as_json=as_json)


def _show(summary: Summary, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(summary)))
        return
    Console().print(summary.table())
    click.echo(str(summary))


if __name__ == "__main__":
    main()
