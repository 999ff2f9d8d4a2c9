"""Imports what a sweep's processes need once for all of them, while the sweep itself is still being set up.

TensorFlow and MLflow take seconds of a core to import: each process doing so by itself would be most of what
a second one saves.
"""

import multiprocessing
import os
from collections.abc import MutableMapping
from multiprocessing import forkserver


def begin_importing(environ: MutableMapping[str, str] = os.environ) -> None:
    """Start the process that the others will be forked from; they see the environment as it is now.

    It computes nothing itself: TensorFlow's threads, of which a fork would know nothing, are not there yet.
    """
    environ["OMP_NUM_THREADS"] = "1"  # trees ask OpenMP for threads, networks ask TensorFlow
    multiprocessing.get_context("forkserver").set_forkserver_preload(["training.sweep.trials"])
    forkserver.ensure_running()
