"""The sweep finds what no event told of."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from ledger import inbox, sightings, work
from ledger.engine import reading, writing
from ledger.history import timeline
from registry.errors import RegistryUnavailable
from registry.events import EventKind, RegistryEvent
from registry.memory import Seed
from registry.words import Stage
from workers.look import look
from workers.queue import LOOK
from workers.sweep import sweep, sweep_fully, sweep_fully_in_turn

DEPTH = 3


def due(keeper):
    with reading(keeper.ledger) as session:
        return work.due_count(session, keeper.now())


def sentences(keeper, model="plain"):
    with reading(keeper.ledger) as session:
        return [entry.sentence for entry in timeline(session, model)]


@pytest.fixture
def swept(keeper):
    """A gate that has looked at its registry while that was empty."""
    sweep(keeper, DEPTH)


def test_a_version_that_no_webhook_told_of_is_found(keeper, registry, rung, swept):
    registry.register("plain", Seed())
    assert sweep(keeper, DEPTH) == 1
    assert due(keeper) == 1
    assert LOOK in rung


def test_nothing_new_is_nothing_to_do(keeper, registry, swept):
    registry.register("plain", Seed())
    sweep(keeper, DEPTH)
    assert sweep(keeper, DEPTH) == 0


def test_a_stage_change_by_hand_is_found(keeper, registry, swept):
    registry.register("other", Seed())
    sweep(keeper, DEPTH)
    registry.transition("other", 1, Stage.STAGING)
    assert sweep(keeper, DEPTH) == 1
    assert "moved from None to Staging (told by sweep)" in sentences(keeper, "other")


def test_more_changes_than_one_page_holds_are_all_found(keeper, registry, swept):
    for _ in range(DEPTH * 5):
        registry.register("plain", Seed())
    assert sweep(keeper, DEPTH) == DEPTH * 5


def test_a_registry_that_was_there_before_is_taken_stock_of_and_only_staging_is_judged(keeper, registry):
    for _ in range(5):
        registry.register("plain", Seed())
    registry.transition("plain", 2, Stage.STAGING)
    registry.transition("plain", 3, Stage.PRODUCTION)
    assert sweep(keeper, DEPTH) == 2
    assert due(keeper) == 1
    assert sum("it was there before Gatehouse" in sentence for sentence in sentences(keeper)) == 1
    assert sweep(keeper, DEPTH) == 0


def test_the_same_move_made_again_by_hand_is_somebody_elses(keeper, registry, swept, clock):
    registry.register("plain", Seed(tags={"owner": "ada"}))
    with writing(keeper.ledger) as session:
        work.ring(session, "plain", 1, keeper.now())
    look(keeper)
    sweep(keeper, DEPTH)
    assert any("Gatehouse's own write" in s for s in sentences(keeper))
    registry.transition("plain", 1, Stage.ARCHIVED)
    sweep(keeper, DEPTH)
    registry.transition("plain", 1, Stage.STAGING)
    sweep(keeper, DEPTH)
    assert sentences(keeper)[-1] == "moved from Archived to Staging (told by sweep)"


def test_an_outage_is_raised_and_due_work_is_rung_all_the_same(keeper, registry, rung):
    with writing(keeper.ledger) as session:
        work.ring(session, "plain", 1, keeper.now())
    registry.outage = "gone"
    with pytest.raises(RegistryUnavailable):
        sweep(keeper, DEPTH)
    assert rung == [LOOK]


def settle(keeper):
    """Nothing due, everything seen."""
    sweep_fully(keeper)
    while look(keeper):
        pass
    sweep_fully(keeper)


def test_a_tag_that_no_webhook_told_of_is_found_by_the_full_sweep(keeper, registry, swept, clock):
    registry.register("plain", Seed())
    clock.pass_(minutes=1)
    registry.register("other", Seed())
    settle(keeper)
    registry.set_tag("plain", 1, "owner", "ada")
    assert sweep(keeper, DEPTH) == 0
    assert sweep_fully(keeper) == 1
    assert due(keeper) == 1
    assert sentences(keeper)[-1] == "tag set: owner (told by sweep)"
    assert sweep_fully(keeper) == 0


def test_our_own_tags_are_no_news(keeper, registry, swept):
    registry.register("plain", Seed())
    settle(keeper)
    registry.set_tag("plain", 1, "gatehouse.decision", "ask")
    assert sweep_fully(keeper) == 0


def test_an_alias_that_was_moved_is_found(keeper, registry, swept):
    registry.register("other", Seed())
    registry.register("other", Seed())
    settle(keeper)
    registry.set_alias("other", "best", 1)
    assert sweep_fully(keeper) == 1
    registry.set_alias("other", "best", 2)
    assert sweep_fully(keeper) == 2
    assert {s.split(" (")[0] for s in sentences(keeper, "other")} >= {
        "alias set: best",
        "alias deleted: best",
    }


def test_a_deletion_is_found_recorded_and_forgotten(keeper, registry, swept):
    registry.register("plain", Seed())
    settle(keeper)
    registry.delete("plain", 1)
    assert sweep_fully(keeper) == 1
    assert sentences(keeper)[-1] == "version deleted (told by sweep)"
    assert sweep_fully(keeper) == 0


def test_what_a_webhook_told_since_is_no_news(keeper, registry, swept):
    registry.register("plain", Seed())
    settle(keeper)
    registry.set_tag("plain", 1, "owner", "ada")
    told = RegistryEvent(
        kind=EventKind.TAG_SET, model="plain", version=1, detail={"key": "owner", "value": "ada"}
    )
    with writing(keeper.ledger) as session:
        inbox.record_event(session, told, origin="mlflow webhook", now=keeper.now())
    sweep_fully(keeper)
    assert "ignored: a webhook told of it" in sentences(keeper)[-1]
    assert due(keeper) == 0


def test_a_full_sweep_that_is_the_first_takes_stock_only(keeper, registry):
    registry.register("plain", Seed())
    assert sweep_fully(keeper) == 0
    assert due(keeper) == 0
    registry.register("plain", Seed())
    assert sweep_fully(keeper) == 1


def test_everything_is_read_by_one_at_a_time_and_for_a_tenth_of_the_time(
    keeper, registry, swept, clock, monkeypatch
):
    everything, nested = registry.everything, []

    def slowly():
        nested.append(sweep_fully_in_turn(keeper))
        clock.pass_(seconds=40)
        return everything()

    clock.pass_(minutes=1)
    registry.register("plain", Seed())
    monkeypatch.setattr(registry, "everything", slowly)
    assert sweep_fully_in_turn(keeper) == 1
    assert nested == [0]
    registry.register("plain", Seed())
    clock.pass_(minutes=5)
    assert sweep_fully_in_turn(keeper) == 0
    clock.pass_(minutes=2)
    assert sweep_fully_in_turn(keeper) == 1


def test_what_changes_while_the_first_sweep_reads_is_found_by_the_next(keeper, registry, clock, monkeypatch):
    for _ in range(2):
        registry.register("plain", Seed(tags={"owner": "ada"}))
    everything = registry.everything

    def changing():
        found = everything()
        registry.transition("plain", 1, Stage.STAGING)
        clock.pass_(minutes=1)
        registry.transition("plain", 2, Stage.STAGING)
        return [found[0], registry.version("plain", 2)]

    monkeypatch.setattr(registry, "everything", changing)
    sweep(keeper, DEPTH)
    monkeypatch.setattr(registry, "everything", everything)
    assert "moved from None to Staging (told by sweep)" not in sentences(keeper)
    sweep(keeper, DEPTH)
    assert "moved from None to Staging (told by sweep)" in sentences(keeper)


def test_a_version_that_shifting_pages_left_out_is_not_taken_for_gone(keeper, registry, swept, monkeypatch):
    for _ in range(3):
        registry.register("plain", Seed())
    sweep(keeper, DEPTH)
    registry.delete("plain", 3)
    monkeypatch.setattr(registry, "everything", lambda: registry.versions("plain")[1:])
    assert sweep_fully(keeper) == 1
    assert sum("version deleted" in sentence for sentence in sentences(keeper)) == 1


def test_of_many_sweeps_at_once_one_tells_the_news(keeper, registry, swept):
    registry.register("plain", Seed())
    registry.transition("plain", 1, Stage.PRODUCTION)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: sweep(keeper, DEPTH), range(6)))
    assert sum("moved to Production" in sentence for sentence in sentences(keeper)) == 1


def test_a_senders_clock_that_was_ahead_hides_nothing_from_the_next_sweep(keeper, registry, swept, clock):
    registry.register("plain", Seed(tags={"owner": "ada"}))
    settle(keeper)
    with writing(keeper.ledger) as session:
        sightings.note_stage(session, "plain", 1, Stage.STAGING, clock() + timedelta(minutes=5))
    registry.transition("plain", 1, Stage.ARCHIVED)
    assert sweep(keeper, DEPTH) == 1
    assert sentences(keeper)[-1] == "moved from Staging to Archived (told by sweep)"
    with reading(keeper.ledger) as session:
        assert sightings.of_version(session, "plain", 1).updated == registry.version("plain", 1).updated


def test_what_an_event_told_while_the_sweep_read_is_not_undone(keeper, registry, swept, clock, monkeypatch):
    registry.register("plain", Seed(tags={"owner": "ada"}))
    settle(keeper)
    page = registry.recent(DEPTH)
    registry.transition("plain", 1, Stage.ARCHIVED)
    moved = registry.version("plain", 1)
    with writing(keeper.ledger) as session:
        sightings.note_stage(session, "plain", 1, Stage.ARCHIVED, moved.updated)
    monkeypatch.setattr(registry, "recent", lambda _: page)
    assert sweep(keeper, DEPTH) == 0
    with reading(keeper.ledger) as session:
        assert sightings.stage_of(session, "plain", 1) is Stage.ARCHIVED
