"""Fits a network to rows of trips: fixed seed, best epoch kept, stopped early, gone on with after a kill.

Knows nothing of MLflow: whoever calls is told of every epoch.
"""

import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from training.checkpoint import Checkpoint, Progress
from training.epoch import EnoughSeen, Epoch, Tell, errors_of, insist
from training.epochs import Training, begin, orders
from training.errors import LossInvalid
from training.fitted import Fitted
from training.models.network import Network, named
from training.plan import Plan
from training.rows import Rows

_PATIENCE: Final = 12
"""Epochs without a better validation loss before fitting stops."""
_BATCH: Final = 65_536
_SECONDS_BETWEEN: Final = 10.0
"""Checkpoints; one more is kept when training ends or is stopped, for what follows may be stopped, too."""


def network_of(plan: Plan, train: Rows) -> Network:
    """Build the network of a settled plan, untrained, with the first weights of its seed."""
    keras.utils.set_random_seed(plan.seed)
    build = getattr(import_module(f"training.models.{plan.kind}"), plan.kind)
    words = {} if plan.kind == "linear" else {"activation": plan.activation}
    network: Network = build(train.columns, train.fares, **words)
    return network


def fit(
    train: Rows, validation: Rows, plan: Plan, tell: Tell, *, checkpoint: Checkpoint, run_id: str = ""
) -> Fitted:
    """Fit a settled plan; the same rows and plan give the same model. Raises LossInvalid, OSError."""
    if plan.kind == "boosted":
        from training.models.boosted import boosted

        return boosted(train, validation, plan, tell)
    network = network_of(plan, train)
    training = begin(network, train.columns, train.fares, plan)
    progress = _resume(training, checkpoint, run_id)
    for epoch in progress.epochs:
        tell(epoch)
    _go_on(training, progress, validation, plan, (tell, checkpoint))
    network.body.set_weights(list(progress.best))
    model = network.whole()
    predict = _asking(model)
    return Fitted(
        model, predict, progress.epochs, progress.best_epoch,
        errors_of(predict(validation.columns), validation.fares),
    )  # fmt: skip


def _resume(training: Training, checkpoint: Checkpoint, run_id: str) -> Progress:
    progress = checkpoint.load()
    progress.run_id = run_id
    for variable, value in zip(training.state(), progress.state, strict=False):
        variable.assign(value)
    return progress


def _go_on(
    training: Training, progress: Progress, validation: Rows, plan: Plan, told: tuple[Tell, Checkpoint]
) -> None:
    """Epoch after epoch, until the last one or until none was better for long; it can go on from anywhere."""
    tell, checkpoint = told
    kept_at = time.monotonic()
    try:
        for epoch in _epochs(training, progress, validation, plan):
            if time.monotonic() - kept_at > _SECONDS_BETWEEN:
                checkpoint.keep(progress)
                kept_at = time.monotonic()
            tell(epoch)
    except (EnoughSeen, LossInvalid):
        checkpoint.forget()  # the same call would come to the same end
        raise
    except BaseException:
        if progress.epochs:
            checkpoint.keep(progress)
        raise
    checkpoint.keep(progress)


def _epochs(training: Training, progress: Progress, validation: Rows, plan: Plan) -> Iterator[Epoch]:
    """Train, validate and take down one epoch after the other."""
    seen = training.network.see(validation.columns)
    for number, order in orders(len(training.fares), plan.seed, len(progress.epochs), plan.epochs):
        if number > progress.best_epoch + _PATIENCE:
            return
        loss = training.epoch(order)
        epoch = _validated(training, loss, (seen, validation), Epoch(number, plan.epochs, {}, 0))
        insist(epoch)
        progress.came(epoch, [np.array(variable) for variable in training.state()], training.best())
        yield epoch


def _validated(training: Training, loss: float, on: tuple[Any, Rows], epoch: Epoch) -> Epoch:
    """How well the weights do that would be kept if training ended here."""
    seen, validation = on
    network, at_work = training.network, training.network.body.get_weights()
    network.body.set_weights(training.best())
    members = training.answers(seen)
    network.body.set_weights(at_work)
    answers = members.mean(axis=1) * network.spread + network.centre
    costs = np.asarray(network.cost(answers - validation.fares))
    metrics = {"loss": loss, "val_loss": float(costs.mean()), **errors_of(answers, validation.fares)}
    return Epoch(epoch.number, epoch.of, metrics, time.time_ns() // 1_000_000)


def _asking(model: Any) -> Callable[[Any], NDArray[Any]]:
    def predict(columns: Any) -> NDArray[Any]:
        answers: NDArray[Any] = model.predict(named(columns), batch_size=_BATCH, verbose=0)
        return answers.reshape(-1)

    return predict
