"""One process of a sweep: reads the trips once, then runs trials on one thread until there are enough.

Started by `python -m training.sweep`; on other hosts, `python -m training.sweep --join` starts it.
"""

from typing import Any

import click

from training.devices import quiet, repeatable
from training.errors import told
from training.provenance import trace
from training.stopping import stoppable
from training.sweep.command import options, search_of


@click.command(hidden=True)
@options
def main(tracking_uri: str, **words: Any) -> None:
    """Run trials of a sweep that was begun."""
    with told(), stoppable("a process of the sweep"):
        quiet()
        import mlflow
        import optuna

        from training.rows import read
        from training.sweep.space import size_of_grid
        from training.sweep.study import join

        repeatable(threads=1)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        mlflow.set_tracking_uri(tracking_uri)
        trips = read(words["data"], words["rows"], words["seed"])
        search = search_of(words, trips.digest)
        study = join(search)
        mlflow.set_experiment(experiment_id=mlflow.get_run(study.user_attrs["run_id"]).info.experiment_id)
        from training.sweep.trials import work

        upto = size_of_grid(search.plan.kind) if search.grid else words["trials"]
        provenance = trace(words["owner"], words["author"])
        work(study, search, trips, provenance, upto=upto, checkpoints=words["checkpoints"])


if __name__ == "__main__":
    main()
