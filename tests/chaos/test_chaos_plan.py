"""The plan of a chaos run: all of it by its seed."""

from collections import Counter
from typing import get_args

import pytest

from tests.chaos.plan import CLIENTS, SERVICES, TRICKS, Deed, plan


def test_the_same_seed_plans_the_same_events_and_another_seed_others():
    assert plan(7, 50) == plan(7, 50)
    assert plan(7, 50) != plan(8, 50)


@pytest.mark.parametrize("registrations", [1, 12, 1000])
def test_exactly_so_many_versions_are_registered_by_all_clients_together(registrations):
    planned = plan(1, registrations)
    deeds = Counter(event.deed for events in planned.clients for event in events)
    assert deeds["register"] == registrations
    assert len(planned.clients) == CLIENTS


def test_every_kind_of_event_trick_and_model_comes_up():
    planned = plan(1, 100)
    events = [event for client in planned.clients for event in client]
    assert {event.deed for event in events} == set(get_args(Deed))
    assert {event.model.split("-")[0] for event in events} == {"asked", "swift", "aliased"}
    assert {mischief.trick for mischief in planned.mischief} == set(TRICKS)


@pytest.mark.parametrize("registrations", [1, 100])
def test_every_service_is_killed_before_any_is_killed_again(registrations):
    kills = [kill.service for kill in plan(1, registrations).kills]
    assert set(kills[: len(SERVICES)]) == set(SERVICES)


def test_what_starts_slowly_is_killed_less_often():
    kills = Counter(kill.service for kill in plan(1, 100).kills)
    assert kills["mlflow"] == kills["worker-1"] == kills["postgres"] == 10
    assert kills["redis"] == kills["receiver"] == kills["beat"] == 50
