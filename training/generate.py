"""`gatehouse trips generate`, and without the rest of Gatehouse `python -m training.generate`."""

from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import Progress

from training.errors import told
from training.stopping import stoppable

_NAMES: Final = (".csv", ".parquet")


def _named(context: click.Context, parameter: click.Parameter, out: Path) -> Path:
    """A name says what is in the file: of `trips.csv.gz`, everybody would think that it is packed."""
    if out.suffix.lower() in _NAMES:
        return out
    raise click.BadParameter(
        f"'{out}' is no name of a file of trips: it must end with .csv or .parquet", context, parameter
    )


@click.command(epilog="Example: gatehouse trips generate --rows 10000 --out trips.csv")
@click.option("--rows", default=10_000, show_default=True, type=click.IntRange(min=1), help="How many trips.")
@click.option(
    "--seed",
    default=7,
    show_default=True,
    type=click.IntRange(min=0),
    help="The same seed gives the same trips.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_named,
    help="File to write or to replace: .csv or .parquet.",
)
def main(rows: int, seed: int, out: Path) -> None:
    """Generate taxi trips in the format of Kaggle's train.csv: its fare rules, its noise, its dirt."""
    from training.trip_files import write

    left = f"nothing is written to {out}"
    with told(), stoppable(left), Progress(console=Console(stderr=True), transient=True) as progress:
        shown = progress.add_task("trips", total=rows)
        write(out, rows, seed, lambda done: progress.advance(shown, done))
    click.echo(f"{rows:,} trips in {out}")


if __name__ == "__main__":
    main()
