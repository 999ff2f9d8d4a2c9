"""`--register-if`: the least that a sweep's best run must reach to be registered. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

METRICS: Final = ("val_rmse", "val_mae", "val_mse")
_WRITTEN: Final = re.compile(r"\s*(?:val_)?(rmse|mae|mse)\s*(<=|<)\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*")


class MinimumInvalid(ValueError):
    """The sentence says how a minimum is written."""


@dataclass(frozen=True)
class Minimum:
    """An upper bound on an error of the validation rows."""

    metric: str
    bound: float
    strict: bool

    def met(self, errors: Mapping[str, float]) -> bool:
        """Whether the errors are as small as that."""
        error = errors[self.metric]
        return error < self.bound if self.strict else error <= self.bound

    def __str__(self) -> str:
        return f"{self.metric} {'<' if self.strict else '<='} {self.bound:g}"


def minimum(text: str) -> Minimum:
    """Read `rmse<=4.5`. Raises MinimumInvalid."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise MinimumInvalid(
            f"'{text}' is no minimum: write rmse, mae or mse, then <= or <, then a number, as in rmse<=4.5"
        )
    name, sign, bound = found.groups()
    return Minimum(f"val_{name}", float(bound), sign == "<")
