"""Metrics of a team's own: what installed packages offer by the entry point `gatehouse.metrics`.

As with gates of its own: what cannot be used is told of by name, and takes nothing else down.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "gatehouse.metrics"
RAISED = (Exception, SystemExit)
"""What another's code may raise without taking us down."""


@dataclass(frozen=True)
class OwnMetric:
    """What an entry point names: `value(target, predictions)` gives a finite number.

    Both are float64 arrays of NumPy: `target` of shape (rows,), classes by their place among the data set's;
    `predictions` of shape (rows,), or (rows, classes) where the model gives probabilities of several.
    """

    value: Callable[[Any, Any], float]
    better: Literal["smaller", "larger"]


@dataclass(frozen=True)
class Offers:
    """Metrics that can be used, and why others cannot, by name."""

    metrics: dict[str, OwnMetric]
    unusable: dict[str, str]


def offered(entries: "Iterable[EntryPoint]", taken: Iterable[str]) -> Offers:
    """What these entry points offer; no name of `taken` may be given again."""
    metrics: dict[str, OwnMetric] = {}
    unusable: dict[str, str] = {}
    for entry in sorted(entries, key=lambda entry: (entry.name, entry.value)):
        try:
            if entry.name in metrics or entry.name in unusable or entry.name in taken or " " in entry.name:
                raise ValueError("this name is taken, or holds a space: choose another")
            metrics[entry.name] = _sound(entry.load())
        except RAISED as error:
            metrics.pop(entry.name, None)
            said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            unusable[entry.name] = f"the metric '{entry.name}' of {entry.value} cannot be used: {said}"
    return Offers(metrics, unusable)


def _sound(found: object) -> OwnMetric:
    if not isinstance(found, OwnMetric) or not callable(found.value):
        raise TypeError(f"{type(found).__name__} is no policies.own_metrics.OwnMetric")
    if found.better not in {"smaller", "larger"}:
        raise ValueError(f"better is {found.better!r}; write 'smaller' or 'larger'")
    return found


@cache
def from_packages(taken: frozenset[str]) -> Offers:
    """What installed packages offer; looked for once a process."""
    from importlib.metadata import entry_points

    return offered(entry_points(group=GROUP), taken)
