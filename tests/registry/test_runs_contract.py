"""What every registry says of the runs behind versions: read, logged to, found for a request; MLflow and memory."""

from datetime import UTC, datetime

import pytest

from registry.aliased import AliasedRegistry
from registry.errors import ArtifactsMissing, RunMissing
from registry.logged import name_of
from registry.words import LoggedData


def test_a_file_of_the_run_is_read_and_one_that_is_not_there_or_too_large_is_not(twin, name):
    number = twin.register_with_run_file(name, "profile.json", b"{}")
    version = twin.registry.version(name, number)
    for registry in (twin.registry, AliasedRegistry(twin.registry)):
        assert registry.run_file(version, "profile.json", 2) == b"{}"
        assert registry.run_file(version, "profile.json", 1) is None
        assert registry.run_file(version, "other.json", 99) is None


AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_what_is_logged_stands_in_the_run_and_not_in_the_facts(twin, name):
    version = twin.registry.version(name, twin.register(name))
    before = twin.registry.facts(version)
    figure = f"champion.{name} of soho - km"
    for registry in (twin.registry, AliasedRegistry(twin.registry)):
        registry.log(version, {f"{name}/report.html": b"<p>"}, {figure: 4.25}, AT)
    assert twin.metrics_of_run(version)[f"gatehouse.{figure}"] == 4.25
    assert twin.registry.run_file(version, f"gatehouse/{name}/report.html", 10) == b"<p>"
    assert twin.registry.facts(version) == before
    assert twin.registry.version(name, version.version) == version


def test_many_figures_are_logged(twin, name):
    version = twin.registry.version(name, twin.register(name))
    twin.registry.log(version, {}, {f"{name}.{i}": float(i) for i in range(1_100)}, AT)
    assert twin.metrics_of_run(version)[f"gatehouse.{name}.1099"] == 1099


@pytest.mark.parametrize("hostile", ["soho/../x", "..", "a:b\n<b>", "é" * 300, "", " x", "$m$"])
def test_any_name_can_be_made_one_to_log_by(twin, name, hostile):
    version = twin.registry.version(name, twin.register(name))
    safe = name_of(hostile)
    twin.registry.log(version, {f"{safe}/{safe}.png": b"."}, {f"slice.{safe}.rmse": 1.0}, AT)
    assert twin.metrics_of_run(version)[f"gatehouse.slice.{safe}.rmse"] == 1.0
    assert twin.registry.run_file(version, f"gatehouse/{safe}/{safe}.png", 10) == b"."


def test_names_that_differ_are_logged_apart():
    assert len({name_of(text) for text in ("a_b", "a/b", "a:b", "a//b", "a/b ")}) == 5
    assert name_of("jfk 2 to 5") == "jfk 2 to 5"


@pytest.mark.parametrize("made", ["register_of_deleted_run", "register_without_run"])
def test_without_a_run_there_is_nowhere_to_log_to(twin, name, made):
    version = twin.registry.version(name, getattr(twin, made)(name))
    with pytest.raises(RunMissing, match=name):
        twin.registry.log(version, {}, {"rmse": 1.0}, AT)


def test_what_a_run_logged_is_found_at_its_address_and_told_by_its_digest(twin, name, tmp_path):
    run_id, version = twin.log_data(name, "/data/trips.csv")
    for registry in (twin.registry, AliasedRegistry(twin.registry)):
        assert registry.logged_data(run_id, "trips", tmp_path, beside=version) == "/data/trips.csv"
        assert registry.trained_on(version) == (LoggedData(name="trips", digest="4" * 32),)


def test_a_run_that_logged_nothing_was_trained_on_nothing_known(twin, name):
    version = twin.registry.version(name, twin.register(name))
    assert not twin.registry.trained_on(version)


def test_what_no_run_logged_is_missing(twin, name, tmp_path):
    run_id, version = twin.log_data(name, "/data/trips.csv")
    for run, data in ((run_id, "other"), ("0" * 32, "trips")):
        with pytest.raises(ArtifactsMissing, match=f"logged no data set '{data}'"):
            twin.registry.logged_data(run, data, tmp_path, beside=version)


@pytest.mark.parametrize("state", ["running", "silent", "finished", "failed", "killed"])
def test_a_run_made_for_a_request_is_found_with_how_it_stands(twin, name, state):
    why = "all trips cost the same" if state == "failed" else ""
    twin.run_for(f"{name}-{state}", state, why)
    for registry in (twin.registry, AliasedRegistry(twin.registry)):
        (found,) = registry.requested(name, f"{name}-{state}", datetime.now(UTC))
        assert (found.state, found.why) == (state, why)
        assert list(registry.requested(name, f"{name}-{state}-other", datetime.now(UTC))) == []
