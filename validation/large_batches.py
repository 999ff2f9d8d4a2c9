"""Keras models, asked many rows at once. Runs in the sandbox's process: imports nothing of this product."""

from typing import Any

KERAS_BATCH = 8192
"""Rows at once: more are hardly faster, and their activations take memory."""


class Large:
    """In place of a Keras model's `predict`, which MLflow asks 32 rows at a time: what it does, many at once.

    The same `predict_step`, compiled once for any number of rows, and nothing in between.
    """

    def __init__(self, raw: Any, keras: Any) -> None:
        self.served = False
        self._raw = raw
        self._predict = raw.predict
        self._steps: dict[str, Any] = {}
        self._plain = _as_keras_made_it(raw, keras)
        self._floats = keras.backend.floatx() if self._plain else None

    def __call__(self, data: Any) -> Any:
        """What `predict` would answer."""
        import numpy as np
        import tensorflow as tf

        arrays = tf.nest.flatten(data)
        numbers = all(isinstance(array, np.ndarray) and array.dtype.kind in "fiub" for array in arrays)
        if self.served:
            return self._predict(data, verbose=0)
        if not (self._plain and numbers and len(arrays[0])):
            return self._predict(data, batch_size=KERAS_BATCH, verbose=0)
        data = tf.nest.map_structure(self._cast, data)
        step = self._step(data)
        answers = [step(_cut(data, start)) for start in range(0, len(arrays[0]), KERAS_BATCH)]
        return tf.nest.map_structure(
            lambda *parts: np.concatenate([each.numpy() for each in parts]), *answers
        )

    def _cast(self, array: Any) -> Any:
        """Floats as Keras takes them."""
        return array.astype(self._floats, copy=False) if array.dtype.kind == "f" else array

    def _step(self, data: Any) -> Any:
        import tensorflow as tf

        rows = tf.nest.map_structure(lambda array: tf.TensorSpec((None, *array.shape[1:]), array.dtype), data)
        if str(rows) not in self._steps:
            ask = tf.function(lambda batch: self._raw.predict_step((batch,)), input_signature=[rows])
            self._steps[str(rows)] = ask
        return self._steps[str(rows)]


def _as_keras_made_it(raw: Any, keras: Any) -> bool:
    """Whether its `predict` is its `predict_step`, compiled; teams may have written another."""
    ways = ("predict", "make_predict_function")
    plain = all(getattr(type(raw), way) is getattr(keras.Model, way) for way in ways)
    return plain and not raw.run_eagerly and keras.backend.backend() == "tensorflow"


def _cut(data: Any, start: int) -> Any:
    import tensorflow as tf

    return tf.nest.map_structure(lambda array: array[start : start + KERAS_BATCH], data)
