"""Trains the body of a network: whole epochs inside TensorFlow, over rows that lie in memory as tensors.

Keras's own `fit` comes back to Python for every batch, which costs small networks most of their time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training.models.network import Fares, Matrix, Network
from training.plan import Plan

_WORTH_COMPILING: Final = 2_000_000
"""Rows over all epochs from which XLA has paid for the seconds that it takes to compile."""
_BLOCK: Final = 65_536
"""Rows that are answered at once."""
_STEEPEST: Final = 10.0
"""Norm that gradients are cut to: one wild fare must not throw the weights away."""


@dataclass
class Training:
    """A network being trained. Its state is in variables, which a checkpoint copies and puts back."""

    network: Network
    optimizer: Any
    averages: list[Any]
    seen: Any
    fares: Any
    batch: int
    compiled: bool

    def __post_init__(self) -> None:
        self._epoch = tf.function(self._all_batches)
        self._answer = tf.function(self._body_alone, reduce_retracing=True)

    def epoch(self, order: NDArray[np.int32]) -> float:
        """Train on every row once, in this order; the mean loss in the body's own units comes back."""
        return float(self._epoch(tf.constant(order)))

    def state(self) -> list[Any]:
        """Every variable that the next epoch depends on."""
        return [*self.network.body.variables, *self.optimizer.variables, *self.averages]

    def best(self) -> list[NDArray[Any]]:
        """The weights to answer with: averaged ones where the network asks for that."""
        kept = iter(self.averages)
        return [
            np.array(next(kept) if self.averages and each.trainable else each)
            for each in self.network.body.weights
        ]

    def answers(self, seen: Matrix) -> NDArray[Any]:
        """What each member answers to features, shape (rows, members), with the weights as they are.

        Keras's `predict` sets itself up anew at every call, which takes longer than a small network's answer.
        """
        blocks = (seen[start : start + _BLOCK] for start in range(0, len(seen), _BLOCK))
        return np.concatenate([self._answer(tf.constant(block)).numpy() for block in blocks])

    def _body_alone(self, seen: Any) -> Any:
        return self.network.body(seen, training=False)

    def _all_batches(self, order: Any) -> Any:
        steps = len(self.fares) // self.batch
        step = tf.function(self._step, jit_compile=True) if self.compiled else self._step
        total = tf.constant(0.0)
        for number in tf.range(steps):
            chosen = order[number * self.batch : (number + 1) * self.batch]
            chosen = tf.ensure_shape(chosen, (self.batch,))
            total += step(tf.gather(self.seen, chosen), tf.gather(self.fares, chosen))
        return total / steps

    def _step(self, seen: Any, fares: Any) -> Any:
        network, weights = self.network, self.network.body.trainable_variables
        with tf.GradientTape() as tape:
            answers = network.body(seen, training=True) * network.spread + network.centre
            # Members do not share weights, so each takes its own step, whatever their number.
            costs = tf.reduce_sum(network.cost(answers - fares[:, None]), axis=-1)
            loss = tf.reduce_mean(costs)
        gradients = tape.gradient(loss, [weight.value for weight in weights])
        gradients, _ = tf.clip_by_global_norm(gradients, _STEEPEST * answers.shape[-1])
        self.optimizer.apply(gradients, weights)
        for average, weight in zip(self.averages, weights, strict=False):
            average.assign(average * network.average + weight.value * (1 - network.average))
        return loss / answers.shape[-1]


def begin(network: Network, train: Matrix, fares: Fares, plan: Plan) -> Training:
    """Set up, nothing trained yet; where there is much to train, steps are compiled first."""
    batch = min(plan.batch_size, len(fares))
    steps = plan.epochs * (len(fares) // batch)
    schedule = keras.optimizers.schedules.CosineDecay(plan.learning_rate, steps)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=network.weight_decay)
    weights = network.body.trainable_variables
    optimizer.build(weights)
    return Training(
        network,
        optimizer,
        [tf.Variable(weight.value) for weight in weights] if network.average else [],
        tf.constant(network.see(train)),
        tf.constant(fares),
        batch,
        compiled=steps * batch >= _WORTH_COMPILING,
    )


def orders(rows: int, seed: int, after: int, upto: int) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """Numbers of epochs, counted from 1, with the order of the rows in each: the same for the same seed."""
    for number in range(after + 1, upto + 1):
        yield number, np.random.default_rng((seed, number)).permutation(rows).astype("int32")
