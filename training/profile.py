"""The profile of the rows that a network was fitted to, as Gatehouse's drift gate reads it. Pure.

Ten bins of equal share, by the deciles: enough to see a shift, few enough not to see noise.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from registry.profiles import Numeric, Profile

_BINS: Final = 10


def profile_of(
    columns: Mapping[str, NDArray[Any]], predictions: NDArray[Any], data: tuple[str, ...] = ()
) -> Profile:
    """One number per row and column; `data` are the SHA-256 of the files that were trained on."""
    return Profile(
        rows=len(predictions),
        columns={name: _numeric(column) for name, column in columns.items()},
        prediction=_numeric(predictions),
        data=data,
    )


def _numeric(column: NDArray[Any]) -> Numeric:
    """Deciles as edges, each once: a column of few values has few bins."""
    values = np.asarray(column, dtype=np.float64).reshape(-1)
    known = values[np.isfinite(values)]
    shares = np.linspace(0, 1, _BINS + 1)[1:-1]
    edges = np.unique(np.quantile(known, shares, method="lower")) if len(known) else np.array([])
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    return Numeric(
        edges=tuple(edges.tolist()), counts=tuple(counts.tolist()), nulls=int(len(values) - len(known))
    )
