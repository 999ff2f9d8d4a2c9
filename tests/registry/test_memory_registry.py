"""What only the registry in memory can do: fail on purpose."""

from datetime import UTC, datetime

import pytest

from registry.errors import ArtifactsMissing, RegistryUnavailable
from registry.memory import MemoryRegistry, Seed
from registry.words import Stage

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

QUESTIONS = {
    "version": lambda registry, **_: registry.version("m", 1),
    "versions": lambda registry, **_: registry.versions("m"),
    "recent": lambda registry, **_: registry.recent(1),
    "facts": lambda registry, version, **_: registry.facts(version),
    "fetch": lambda registry, version, folder: registry.fetch(version, folder),
    "transition": lambda registry, **_: registry.transition("m", 1, Stage.STAGING),
    "set_tag": lambda registry, **_: registry.set_tag("m", 1, "k", "v"),
    "set_alias": lambda registry, **_: registry.set_alias("m", "a", 1),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_an_outage_stops_every_question_and_changes_nothing(question, tmp_path):
    registry = MemoryRegistry(lambda: NOON)
    before = registry.register("m")
    registry.outage = "pulled the plug"
    with pytest.raises(RegistryUnavailable, match="pulled the plug"):
        question(registry=registry, version=before, folder=tmp_path)
    registry.outage = None
    assert registry.version("m", 1) == before


def test_files_can_be_lost_later():
    registry = MemoryRegistry(lambda: NOON)
    version = registry.register("m")
    assert registry.facts(version).logged == {}
    registry.lose_files("m", 1)
    with pytest.raises(ArtifactsMissing):
        registry.facts(version)


def test_times_come_from_the_clock_given():
    assert MemoryRegistry(lambda: NOON).register("m").created == NOON


def test_the_files_of_a_seed_are_what_is_fetched(tmp_path):
    registry = MemoryRegistry(lambda: NOON)
    version = registry.register("m", Seed(files={"MLmodel": b"flavors: {}", "data/model.bin": b"1"}))
    assert (registry.fetch(version, tmp_path) / "data" / "model.bin").read_bytes() == b"1"
