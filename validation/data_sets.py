"""Reads the data sets that needs ask for, each once; one that cannot be read costs only what asks for it."""

from collections.abc import Callable, Mapping, Sequence

from policies.evidence.gap import Gap
from policies.evidence.need import DataNeed, Need
from validation.addresses import HoldoutInvalid
from validation.holdout import Holdout
from validation.spark.far import FarHoldout

HoldoutSource = Callable[[], Holdout | FarHoldout]
"""Reads a data set when it is needed; raises HoldoutInvalid."""


def read_sets(
    needs: Sequence[Need], datasets: Mapping[str, HoldoutSource]
) -> dict[str, Holdout | FarHoldout | Gap]:
    """The data sets asked for; if only loading is, the first one: a model without example needs rows."""
    asked = [need.dataset for need in needs if isinstance(need, DataNeed)]
    names = asked or ([*datasets][:1] if needs else [])
    return {name: _read_one(name, datasets) for name in dict.fromkeys(names)}


def _read_one(name: str, datasets: Mapping[str, HoldoutSource]) -> Holdout | FarHoldout | Gap:
    if name not in datasets:
        known = ", ".join(sorted(datasets)) or "none"
        return Gap(reason=f"no data set '{name}' was given; there are: {known}")
    try:
        return datasets[name]()
    except HoldoutInvalid as invalid:
        return Gap(reason=f"data set '{name}' could not be read: {invalid}")
