"""`python -m tests.chaos N --seed S`: the chaos test, which says what it does and ends with a table."""

import shutil
import sys
import tempfile
from pathlib import Path
from secrets import randbelow

import click

from tests.chaos.databases import Files, Postgres, has_docker
from tests.chaos.plan import plan
from tests.chaos.report import table_of
from tests.chaos.run import Run


@click.command(epilog="Example: make chaos N=100 SEED=7")
@click.argument("registrations", type=click.IntRange(1), default=100)
@click.option("--seed", type=int, help="Plans the same events again; a new one if left out.")
@click.option("--ledger", type=click.Choice(["postgres", "sqlite"]), help="postgres where there is Docker.")
@click.option("--pace", type=float, default=2.0, show_default=True, help="Registrations a second.")
@click.option("--every", type=float, default=2.0, show_default=True, help="Seconds between two kills.")
@click.option("--rounds", type=click.IntRange(1), default=1, show_default=True, help="Quiet times.")
@click.option("--keep", is_flag=True, help="Keep the folder with the logs, also when nothing broke.")
def main(registrations, seed, ledger, pace, every, rounds, keep):
    """Use the registry while everything is killed and the network lies; then see whether all promises held."""
    seed = randbelow(10**6) if seed is None else seed
    folder = Path(tempfile.mkdtemp(prefix="gatehouse-chaos-"))
    click.echo(f"seed {seed}: {registrations} registrations; logs in {folder}/logs")
    if ledger is None and not has_docker():
        click.echo("no Docker here: SQLite in place of PostgreSQL, so that is not killed")
        ledger = "sqlite"
    database = Files(folder) if ledger == "sqlite" else Postgres()
    with Run(plan(seed, registrations), folder, database, click.echo) as run:
        found, figures = run.play(pace, every, rounds)
    text, broken = table_of(found, figures)
    click.echo(text)
    if broken:
        click.echo(f"{broken} breaches. Again: make chaos N={registrations} SEED={seed}", err=True)
    elif not keep:
        shutil.rmtree(folder)
    sys.exit(1 if broken else 0)


main()
