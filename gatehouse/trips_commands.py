"""`gatehouse trips`: trips to try things on. The trainer's own command, by name: nobody imports a trainer."""

import click

from gatehouse.late_group import LateGroup


@click.group(cls=LateGroup, table={"generate": "training.generate:main"})
def trips() -> None:
    """Taxi trips for the worked example.

    Example: gatehouse trips generate --rows 10000 --out trips.csv
    """
