from datetime import timedelta

import pytest

from ledger import holds
from ledger.engine import reading, writing
from ledger.holds import Hold


def said(ledger, model, verb, at, by="ada"):
    with writing(ledger) as session:
        return holds.add(session, Hold(0, model, verb, by, "terminal", "ada@here", "odd", at))


def held(ledger, model):
    with reading(ledger) as session:
        found = holds.in_force(session, model)
        return found and found.model


@pytest.mark.parametrize(
    ("acts", "of_fare", "of_tips"),
    [
        ([], None, None),
        ([("fare", "hold")], "fare", None),
        ([("fare", "hold"), ("fare", "resume")], None, None),
        ([("fare", "hold"), ("fare", "resume"), ("fare", "hold")], "fare", None),
        ([("tips", "hold"), ("fare", "resume")], None, "tips"),
    ],
)
def test_the_last_word_on_a_model_stands(ledger, now, acts, of_fare, of_tips):
    for model, verb in acts:
        said(ledger, model, verb, now)
    assert (held(ledger, "fare"), held(ledger, "tips")) == (of_fare, of_tips)


def test_all_are_held_until_all_are_resumed(ledger, now):
    every = said(ledger, None, "hold", now)
    said(ledger, "fare", "hold", now)
    said(ledger, "fare", "resume", now + timedelta(hours=1))
    with reading(ledger) as session:
        assert holds.in_force(session, "fare") == every
        assert holds.all_in_force(session) == [every]
    said(ledger, None, "resume", now + timedelta(hours=2))
    assert held(ledger, "fare") is None


def test_a_hold_is_said_with_who_since_when_and_why(ledger, now):
    assert str(said(ledger, "fare", "hold", now)) == "held by ada since 2026-11-23 12:00 UTC: odd"
    assert (
        str(said(ledger, None, "hold", now))
        == "held by ada since 2026-11-23 12:00 UTC, as all models are: odd"
    )


def test_two_who_hold_at_once_hold_it_once(ledger, now, at_once):
    at_once(lambda number: said(ledger, "fare", "hold", now, by=f"{number}"), 4)
    said(ledger, "fare", "resume", now)
    assert held(ledger, "fare") is None


def test_what_nobody_was_told_of_is_found(ledger, now):
    said(ledger, "fare", "hold", now)
    with writing(ledger) as session:
        (row,) = holds.untold(session)
        row.told = now
    with reading(ledger) as session:
        assert holds.untold(session) == []
