"""What both registries promise: the one in memory, and the adapter on a real MLflow server."""

import pytest

from registry.aliased import AliasedRegistry
from registry.errors import ArtifactsMissing, VersionMissing
from registry.words import Column, Stage

OTHER_STAGES = [Stage.STAGING, Stage.PRODUCTION]


def test_a_new_version_stands_in_stage_none_with_its_tags(twin, name):
    number = twin.register(name, tags={"team": "pricing"})
    found = twin.registry.version(name, number)
    assert (found.name, found.version, found.stage) == (name, 1, Stage.NONE)
    assert found.tags == {"team": "pricing"}
    assert found.created.tzinfo is not None
    assert found.updated >= found.created


def test_a_version_that_never_was_is_missing(twin, name):
    twin.register(name)
    with pytest.raises(VersionMissing, match=name):
        twin.registry.version(name, 99)


def test_a_model_that_never_was_has_a_missing_version(twin, name):
    with pytest.raises(VersionMissing):
        twin.registry.version(name, 1)


def test_a_model_that_never_was_has_no_versions(twin, name):
    assert list(twin.registry.versions(name)) == []


def test_versions_come_newest_first(twin, name):
    for _ in range(11):
        twin.register(name)
    assert [each.version for each in twin.registry.versions(name)] == list(range(11, 0, -1))


def test_everything_is_every_version_with_tags_and_aliases(twin, name):
    first, second = twin.register(name, tags={"team": "pricing"}), twin.register(name)
    twin.registry.set_alias(name, "champion", second)
    found = {each.version: each for each in twin.registry.everything() if each.name == name}
    assert sorted(found) == [first, second]
    assert found[first].tags == {"team": "pricing"}
    assert [found[number].aliases for number in (first, second)] == [set(), {"champion"}]


def test_a_model_has_tags_of_its_own(twin, name):
    twin.register(name, tags={"team": "pricing"})
    assert twin.registry.model_tags(name) == {}
    twin.tag_model(name, "tier", "gold")
    assert AliasedRegistry(twin.registry).model_tags(name) == {"tier": "gold"}


def test_a_model_that_never_was_has_no_tags(twin, name):
    assert twin.registry.model_tags(name) == {}


def test_versions_know_their_aliases(twin, name):
    first, second = twin.register(name), twin.register(name)
    twin.registry.set_alias(name, "champion", first)
    twin.registry.set_alias(name, "best", first)
    assert twin.registry.version(name, first).aliases == {"champion", "best"}
    twin.registry.set_alias(name, "champion", second)
    held = {each.version: each.aliases for each in twin.registry.versions(name)}
    assert held == {first: {"best"}, second: {"champion"}}


def test_a_deleted_version_is_missing_and_its_number_stays_unused(twin, name):
    twin.register(name)
    gone = twin.register(name)
    twin.delete(name, gone)
    with pytest.raises(VersionMissing):
        twin.registry.version(name, gone)
    assert [each.version for each in twin.registry.versions(name)] == [1]
    assert twin.register(name) == 3


def test_the_versions_that_changed_last_come_first_over_all_models(twin, name):
    old, new = f"{name}-old", f"{name}-new"
    twin.register(old)
    twin.register(new)
    twin.registry.transition(old, 1, Stage.STAGING)
    latest = [(each.name, each.stage) for each in twin.registry.recent(2)]
    assert latest == [(old, Stage.STAGING), (new, Stage.NONE)]


def test_recent_gives_no_more_than_asked_for(twin, name):
    for _ in range(3):
        twin.register(name)
    assert len(twin.registry.recent(2)) == 2


@pytest.mark.parametrize("stage", list(Stage), ids=str)
def test_a_version_moves_to_any_stage(twin, name, stage):
    number = twin.register(name)
    twin.registry.transition(name, number, stage)
    assert twin.registry.version(name, number).stage is stage


@pytest.mark.parametrize("stage", OTHER_STAGES, ids=str)
def test_archiving_moves_every_other_version_out_of_the_stage(twin, name, stage):
    first, second, elsewhere = (twin.register(name) for _ in range(3))
    twin.registry.transition(name, first, stage)
    twin.registry.transition(name, second, stage, archive_existing=True)
    stages = {each.version: each.stage for each in twin.registry.versions(name)}
    assert stages == {first: Stage.ARCHIVED, second: stage, elsewhere: Stage.NONE}


def test_without_archiving_two_versions_share_a_stage(twin, name):
    for number in (twin.register(name), twin.register(name)):
        twin.registry.transition(name, number, Stage.PRODUCTION)
    assert {each.stage for each in twin.registry.versions(name)} == {Stage.PRODUCTION}


@pytest.mark.parametrize("stage", [Stage.ARCHIVED, Stage.NONE], ids=str)
def test_archiving_the_others_of_a_resting_stage_is_not_a_fault(twin, name, stage):
    first, second = twin.register(name), twin.register(name)
    twin.registry.transition(name, first, stage)
    twin.registry.transition(name, second, stage, archive_existing=True)
    assert {each.stage for each in twin.registry.versions(name)} == {stage}


def test_a_move_changes_the_time_of_the_last_change_and_a_tag_does_not(twin, name):
    number = twin.register(name)
    twin.registry.set_tag(name, number, "k", "v")
    tagged = twin.registry.version(name, number)
    assert tagged.updated == tagged.created
    twin.registry.transition(name, number, Stage.STAGING)
    assert twin.registry.version(name, number).updated > tagged.updated


def test_a_tag_is_set_and_set_again(twin, name):
    number = twin.register(name)
    twin.registry.set_tag(name, number, "k", "one")
    twin.registry.set_tag(name, number, "k", "two")
    assert twin.registry.version(name, number).tags == {"k": "two"}


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda r, n: r.transition(n, 9, Stage.STAGING, archive_existing=True), id="transition"),
        pytest.param(lambda r, n: r.set_tag(n, 9, "k", "v"), id="tag"),
        pytest.param(lambda r, n: r.set_alias(n, "champion", 9), id="alias"),
    ],
)
def test_nothing_is_written_to_a_missing_version(twin, name, write):
    number = twin.register(name)
    twin.registry.transition(name, number, Stage.STAGING)
    with pytest.raises(VersionMissing):
        write(twin.registry, name)
    kept = twin.registry.version(name, number)
    assert (kept.stage, kept.tags, kept.aliases) == (Stage.STAGING, {}, frozenset())


def test_facts_tell_signature_metrics_and_authors(twin, name):
    number = twin.register(name, tags={"team": "pricing", "author": "grace"})
    twin.registry.set_tag(name, number, "gatehouse.decision", "promote")
    facts = twin.registry.facts(twin.registry.version(name, number))
    assert facts.signature
    assert facts.signature.inputs == (
        Column(name="distance", type="double"),
        Column(name="passengers", type="long"),
    )
    assert facts.has_input_example
    assert facts.logged == {"rmse": 2.0, "mae": 1.0}
    assert {"ada", "grace"} <= facts.authors
    assert "" not in facts.authors
    assert facts.tags == {"team": "pricing", "author": "grace"}
    assert (facts.name, facts.version) == (name, number)


def test_files_come_below_the_folder_with_the_mlmodel_in_it(twin, name, tmp_path):
    number = twin.register(name)
    model = twin.registry.fetch(twin.registry.version(name, number), tmp_path / "new" / "place")
    assert (model / "MLmodel").is_file()
    assert model.is_relative_to(tmp_path)


def test_lost_files_are_told_though_the_registry_says_ready(twin, name, tmp_path):
    lost = twin.registry.version(name, twin.register_lost(name))
    with pytest.raises(ArtifactsMissing, match=f"{name} version 1"):
        twin.registry.facts(lost)
    with pytest.raises(ArtifactsMissing, match=f"{name} version 1"):
        twin.registry.fetch(lost, tmp_path)


def test_a_tag_and_an_alias_are_taken_away_and_taking_twice_is_fine(twin, name):
    number = twin.register(name, tags={"team": "pricing"})
    twin.registry.set_alias(name, "champion", number)
    for _ in range(2):
        twin.registry.delete_tag(name, number, "team")
        twin.registry.delete_alias(name, "champion")
    left = twin.registry.version(name, number)
    assert (left.tags, left.aliases) == ({}, set())


def test_aliases_are_seen_as_stages(twin, name):
    first, second = twin.register(name), twin.register(name)
    aliased = AliasedRegistry(twin.registry)

    def stages():
        return {each.version: each.stage for each in aliased.versions(name)}

    assert stages() == {first: Stage.NONE, second: Stage.NONE}
    aliased.transition(name, first, Stage.STAGING)
    aliased.transition(name, first, Stage.PRODUCTION, archive_existing=True)
    aliased.transition(name, second, Stage.STAGING)
    assert stages() == {first: Stage.PRODUCTION, second: Stage.STAGING}
    aliased.transition(name, second, Stage.PRODUCTION, archive_existing=True)
    assert stages() == {first: Stage.ARCHIVED, second: Stage.PRODUCTION}
    aliased.transition(name, first, Stage.STAGING)
    aliased.transition(name, second, Stage.ARCHIVED)
    assert stages() == {first: Stage.STAGING, second: Stage.ARCHIVED}
    assert {v.stage for v in twin.registry.versions(name)} == {Stage.NONE}
