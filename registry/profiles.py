"""The profile of the data that a model was trained on: counts by bin, small enough to be logged with the run.

A trainer logs it as the run's artifact `training-profile.json`, or keeps it among the model's files. Pure.
"""

from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from registry.words import Value

PROFILE_FILE: Final = "training-profile.json"
MOST_BYTES: Final = 1 << 20
_Count = Annotated[int, Field(ge=0, strict=True)]


class ProfileInvalid(Exception):
    """The file is no profile; the sentence says where it fails."""


class Numeric(Value):
    """A column of numbers: `counts[i]` values lie above `edges[i - 1]` and up to `edges[i]`.

    The first bin has no lower end, the last no upper one, so there is one count more than edges. `nulls` are
    all that are no finite number.
    """

    kind: Literal["numeric"] = "numeric"
    edges: Annotated[tuple[float, ...], Field(max_length=1000)]
    counts: tuple[_Count, ...]
    nulls: _Count = 0

    @model_validator(mode="after")
    def _binned(self) -> Self:
        if len(self.counts) != len(self.edges) + 1:
            raise ValueError("there must be one count more than edges")
        if not all(low < high for low, high in pairwise((-float("inf"), *self.edges, float("inf")))):
            raise ValueError("edges must be finite and rise")
        return self

    @property
    def total(self) -> int:
        """All rows, also those without a value."""
        return sum(self.counts) + self.nulls


class Categorical(Value):
    """A column of words: how often each was seen; `other` counts all that are not named."""

    kind: Literal["categorical"] = "categorical"
    counts: Annotated[dict[str, _Count], Field(max_length=1000)]
    other: _Count = 0
    nulls: _Count = 0

    @property
    def total(self) -> int:
        """All rows, also those without a value."""
        return sum(self.counts.values()) + self.other + self.nulls


Profiled = Annotated[Numeric | Categorical, Field(discriminator="kind")]


class Profile(Value):
    """What the training rows looked like, and the model's own predictions for them."""

    format: Literal[1] = 1
    rows: Annotated[int, Field(ge=1, strict=True)]
    columns: Annotated[dict[str, Profiled], Field(max_length=5000)]
    prediction: Profiled
    data: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    """SHA-256 of the files that were trained on, in hex."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name, column in {**self.columns, "prediction": self.prediction}.items():
            if column.total != self.rows:
                raise ValueError(f"{name} counts {column.total} of {self.rows} rows")
        return self


def read_profile(raw: bytes) -> Profile:
    """The profile in a file that anybody may have written. Raises ProfileInvalid."""
    if len(raw) > MOST_BYTES:
        raise ProfileInvalid(f"{PROFILE_FILE} has {len(raw):,} bytes, at most {MOST_BYTES:,} are read")
    try:
        return Profile.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = ".".join(map(str, first["loc"])) or "the whole"
        raise ProfileInvalid(f"{PROFILE_FILE} is no profile: {at}: {first['msg']}"[:300]) from error
