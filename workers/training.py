"""What a trainer logged of its training data: with the candidate's run, or else among the model's files."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from policies.evidence.need import Need
from policies.evidence.overlap import OverlapNeed
from registry.port import Registry
from registry.profiles import MOST_BYTES, PROFILE_FILE
from registry.training_keys import KEYS_FILE, MOST_KEYS_BYTES
from registry.words import ModelVersion
from validation.trained_on import TrainedOn


def logged_by_run(registry: Registry, version: ModelVersion) -> TrainedOn:
    """What the run has. Raises ArtifactsUnavailable."""
    return TrainedOn(
        inputs=tuple(registry.trained_on(version)),
        profile=registry.run_file(version, PROFILE_FILE, MOST_BYTES),
        keys=registry.run_file(version, KEYS_FILE, MOST_KEYS_BYTES),
    )


def with_kept(trained_on: TrainedOn, files: Path) -> TrainedOn:
    """What the run has not is taken from the model's files."""
    return replace(
        trained_on,
        profile=trained_on.profile or _kept(files / PROFILE_FILE, MOST_BYTES),
        keys=trained_on.keys or _kept(files / KEYS_FILE, MOST_KEYS_BYTES),
    )


def digest_of_training(registry: Registry, version: ModelVersion, wanted: Sequence[Need]) -> str:
    """Of what the run has, where it is asked for: what is logged later is to be looked at, too."""
    if not any(isinstance(need, OverlapNeed) for need in wanted):
        return ""
    found = logged_by_run(registry, version)
    files = [hashlib.sha256(raw or b"").hexdigest() for raw in (found.profile, found.keys)]
    told = [f"{each.name} {each.digest}" for each in found.inputs]
    return hashlib.sha256("\n".join([*files, *told]).encode()).hexdigest()


def _kept(path: Path, most_bytes: int) -> bytes | None:
    usable = path.is_file() and not path.is_symlink() and path.stat().st_size <= most_bytes
    return path.read_bytes() if usable else None
