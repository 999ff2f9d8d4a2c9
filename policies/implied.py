"""The gates of a rule: those that are written there, and those that its data sets bring with them. Pure."""

from collections.abc import Mapping, Sequence

from policies.datasets import Dataset
from policies.evidence.need import DataNeed
from policies.gates.gate import Gate
from policies.gates.unseen import Unseen


def with_implied(gates: Sequence[Gate], datasets: Mapping[str, Dataset]) -> tuple[Gate, ...]:
    """The gates, then one for each data set that they ask for and that says `not_trained_on`."""
    asked = {need.dataset for gate in gates for need in gate.needs() if isinstance(need, DataNeed)}
    unseen = (name for name in datasets if name in asked and datasets[name].not_trained_on)
    return (*gates, *(Unseen(dataset=name, key=datasets[name].key) for name in unseen))
