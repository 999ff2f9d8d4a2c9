"""What goes to the process that speaks with Spark, and what comes back; between two processes of our own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from policies.evidence.kinds import Finding
from policies.evidence.need import DataNeed
from policies.sandbox_levels import SandboxLevel
from registry.words import Signature
from validation.limits import Limits
from validation.spark.far import FarHoldout


@dataclass(frozen=True)
class ModelAsked:
    """A model by its folder here, and what it takes."""

    path: Path
    signature: Signature | None


@dataclass(frozen=True)
class Job:
    """Needs of one data set, and who is asked; the champion only where a need is against it."""

    far: FarHoldout
    needs: tuple[DataNeed, ...]
    models: Mapping[str, ModelAsked]
    limits: Limits
    level: SandboxLevel


@dataclass(frozen=True)
class Answered:
    """The findings, or why nothing could be told of any."""

    findings: Mapping[str, Finding]
    error: str = ""
