"""The nouns of a model registry, free of any one registry's client.

Pure values: what MLflow calls a registered model, a model version, a stage, a signature. The adapter
(`registry.mlflow_registry`) translates; nothing above it sees an MLflow type.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """An immutable value that knows its own JSON; NaN and infinity survive the round trip as text."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings", defer_build=True)
    """Deferred: what a command never makes costs its start nothing. Safe in threads from pydantic 2.14 on."""


class Stage(StrEnum):
    """MLflow's four stages, spelt as MLflow spells them on the wire."""

    NONE = "None"
    STAGING = "Staging"
    PRODUCTION = "Production"
    ARCHIVED = "Archived"

    @classmethod
    def parse(cls, text: str) -> "Stage":
        """Read a stage in any case, as MLflow does. Raises ValueError, naming the four, for another word."""
        for stage in cls:
            if stage.value.lower() == text.strip().lower():
                return stage
        raise ValueError(f"'{text}' is not a stage; the stages are none, staging, production, archived")


class ModelVersion(Value):
    """One version of a registered model as the registry holds it now; times are UTC."""

    name: str
    version: int
    stage: Stage
    source: str
    run_id: str | None = None
    tags: dict[str, str] = Field(default_factory=dict)
    aliases: frozenset[str] = frozenset()
    user: str | None = None
    created: datetime
    updated: datetime


class Column(Value):
    """One input or output of a signature.

    `type` is MLflow's word for a column ("double", "long", "string", …) or NumPy's for a tensor
    ("float32"); `shape` is set for tensors only, with -1 for the batch.
    """

    name: str | None
    type: str
    required: bool = True
    shape: tuple[int, ...] | None = None


class Signature(Value):
    """What a model says it takes and gives."""

    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...] = ()


class LoggedData(Value):
    """A data set that a run logged as what it was trained on; whoever logged it chose name and digest."""

    name: str
    digest: str


class RequestedRun(Value):
    """A run that says that it was made for a request of ours, and how it stands by its trainer's last word.

    `silent`: it runs by its own word, and was not heard of for long. That and `killed` can be gone on with.
    """

    run_id: str
    state: Literal["running", "silent", "finished", "failed", "killed"]
    why: str = ""
    """Why it failed, in a sentence."""


class VersionFacts(Value):
    """What is known of a version without running its model: the registry's and the run's own words.

    `logged` holds the run's last value of every metric, `params` its parameters, the longest cut: people read
    them, and no gate does. `authors` are all names that registry and run
    give for whoever made it: they may not approve it.
    """

    name: str
    version: int
    source: str
    run_id: str | None = None
    tags: dict[str, str] = Field(default_factory=dict)
    logged: dict[str, float] = Field(default_factory=dict)
    params: dict[str, str] = Field(default_factory=dict)
    authors: frozenset[str] = frozenset()
    signature: Signature | None = None
    has_input_example: bool = False
    unreadable: str | None = None
    """Why the version's files cannot be read, if they cannot: MLflow says READY all the same."""
    lost: bool = False
    """Whether unreadable files are gone for good, and not only out of reach."""
