"""Sets TensorFlow up in this process: quiet, repeatable, on so many threads; and says what it runs on."""

import logging
import os
from collections.abc import MutableMapping

_QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


def quiet(environ: MutableMapping[str, str] = os.environ) -> None:
    """Before TensorFlow and MLflow are imported; what the person set stays."""
    for name, value in _QUIET.items():
        environ.setdefault(name, value)
    # It warns of every small network of one model that is asked for the first time.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


def repeatable(threads: int) -> None:
    """The same rows and seed give the same weights, to the last bits on one thread."""
    import keras
    import tensorflow as tf

    keras.utils.disable_interactive_logging()
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    tf.config.experimental.enable_op_determinism()


def devices() -> list[str]:
    """What TensorFlow computes on."""
    import tensorflow as tf

    return [f"{each.device_type} {each.name.rsplit(':', 1)[-1]}" for each in tf.config.list_logical_devices()]


def threads() -> int:
    """How many threads one operation may use; 0 is as many as there are."""
    import tensorflow as tf

    return int(tf.config.threading.get_intra_op_parallelism_threads())
