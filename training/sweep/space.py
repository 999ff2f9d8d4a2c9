"""What a sweep varies, by kind of model: ranges to sample from, and a grid as the case study's. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from training.plan import Plan

Choices = tuple[float, ...] | tuple[int, ...] | tuple[str, ...]


class Trial(Protocol):
    """The part of Optuna's trial that asks for a value."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Between the ends."""
        ...

    def suggest_int(self, name: str, low: int, high: int) -> int:
        """Between the ends, both included."""
        ...

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """One of them."""
        ...


_ACTIVATIONS: Final = ("relu", "tanh", "sigmoid")
_RATES: Final = (1e-2, 3e-3, 1e-3, 1e-4)
GRIDS: Final[Mapping[str, Mapping[str, Choices]]] = {
    "linear": {"learning_rate": _RATES},
    "seed": {"learning_rate": _RATES, "activation": _ACTIVATIONS},
    "default": {"learning_rate": _RATES, "activation": _ACTIVATIONS},
    "boosted": {"learning_rate": (0.05, 0.1, 0.2), "epochs": (50, 100, 200)},
}
"""Learning rate by activation, as in the case study; trees have no activation."""
_RANGES: Final = {
    "linear": (1e-3, 1e-1),
    "seed": (1e-4, 1e-2),
    "default": (5e-4, 2e-2),
    "boosted": (0.02, 0.3),
}
"""Of the learning rate."""


def chosen(trial: Trial, plan: Plan, *, grid: bool) -> Plan:
    """Give the plan of one trial: everything else stays as the person said."""
    if grid:
        return replace(
            plan, **{name: trial.suggest_categorical(name, each) for name, each in GRIDS[plan.kind].items()}
        )
    words: dict[str, Any] = {
        "learning_rate": trial.suggest_float("learning_rate", *_RANGES[plan.kind], log=True)
    }
    if plan.kind in ("seed", "default"):
        words["activation"] = trial.suggest_categorical("activation", (*_ACTIVATIONS, "gelu"))
        words["batch_size"] = trial.suggest_categorical("batch_size", (128, 256, 512))
    if plan.kind == "boosted":
        words["epochs"] = trial.suggest_int("epochs", 40, 300)
    return replace(plan, **words)


def size_of_grid(kind: str) -> int:
    """How many trials a grid has."""
    size = 1
    for choices in GRIDS[kind].values():
        size *= len(choices)
    return size
