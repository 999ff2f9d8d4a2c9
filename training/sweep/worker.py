"""One process of a sweep: reads the trips once, then runs trials on one thread until there are enough."""

import os
import sys
from typing import Any

from training.devices import quiet, repeatable
from training.errors import told
from training.stopping import stoppable


def take_part(words: dict[str, Any]) -> None:
    """Run trials of a sweep that was begun; `words` are those of the command."""
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # the command alone says what came of it
    with told(), stoppable("a process of the sweep"):
        quiet()
        import mlflow
        import optuna

        from training.provenance import trace
        from training.rows import read
        from training.sweep.command import search_of, trials_of
        from training.sweep.study import join
        from training.sweep.trials import work

        repeatable(threads=1)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        mlflow.set_tracking_uri(words["tracking_uri"])
        trips = read(words["data"], words["rows"], words["seed"])
        search = search_of(words, trips.digest)
        study = join(search)
        mlflow.set_experiment(experiment_id=mlflow.get_run(study.user_attrs["run_id"]).info.experiment_id)
        provenance = trace(words["owner"], words["author"])
        upto = trials_of(words)
        work(study, search, trips, provenance, upto=upto, checkpoints=words["checkpoints"])
