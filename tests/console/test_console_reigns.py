"""What was live when: moves as they are told, made into reigns, and into a plot."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.charts import of_reigns, of_series
from console.readings.figures import Point, Series
from console.readings.reigns import Move, OwnMove, Reign, Way, chain
from policies.verdicts import Answer

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def day(number):
    return DAY + timedelta(days=number)


def enters(version, at, who=""):
    return Move(day(at), version, enters=True, who=who)


def leaves(version, at):
    return Move(day(at), version, enters=False)


def told(reigns):
    return [(r.version, (r.since - DAY).days, r.until and (r.until - DAY).days, r.way.value) for r in reigns]


def test_a_promotion_ends_the_reign_before_and_a_rollback_brings_it_back():
    moves = [enters(1, 0), enters(2, 5), leaves(1, 5), leaves(2, 7), enters(1, 7)]
    ours = [
        OwnMove(1, day(0), day(0), back=False),
        OwnMove(2, day(5), day(5), back=False),
        OwnMove(1, day(7), None, back=True),
    ]
    assert told(chain(moves, ours, {1})) == [
        (1, 0, 5, "promoted"),
        (2, 5, 7, "promoted"),
        (1, 7, None, "put back"),
    ]


def test_a_move_around_the_gate_says_who_made_it_and_two_may_reign_at_once():
    reigns = chain([enters(1, 0), enters(2, 3, who="bob")], [OwnMove(1, day(0), day(0), back=False)], {1, 2})
    assert told(reigns) == [(1, 0, None, "promoted"), (2, 3, None, "moved around the gate")]
    assert reigns[1].who == "bob"


def test_with_an_alias_whoever_gets_it_takes_it_from_the_one_before():
    moves = [
        Move(day(0), 1, enters=True, others_leave=True),
        Move(day(2), 2, enters=True, others_leave=True),
        Move(day(4), 2, enters=False, others_leave=True),
    ]
    assert [(version, since, until) for version, since, until, _ in told(chain(moves, [], set()))] == [
        (1, 0, 2),
        (2, 2, 4),
    ]


def test_who_left_untold_was_live_no_longer_than_until_the_next_came():
    assert told(chain([enters(1, 0), enters(2, 6)], [], {2}))[0][:3] == (1, 0, 6)
    assert told(chain([enters(1, 0)], [], set()))[0][:3] == (1, 0, 0)


def test_events_that_come_late_and_twice_change_nothing():
    moves = [leaves(1, 5), enters(1, 0), enters(1, 1), leaves(1, 5), enters(2, 5)]
    assert [each[:3] for each in told(chain(moves, [], {2}))] == [(1, 0, 5), (2, 5, None)]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5), st.booleans(), st.booleans()), max_size=30),
    st.sets(st.integers(1, 5)),
)
def test_whatever_is_told_no_reign_ends_before_it_began_and_only_who_is_live_reigns_on(moves, live):
    reigns = chain([Move(day(at), v, enters=e, others_leave=o) for at, v, e, o in moves], [], live)
    assert all(reign.until is None or reign.until >= reign.since for reign in reigns)
    assert {reign.version for reign in reigns if reign.until is None} <= live
    for version in {reign.version for reign in reigns}:
        own = [reign for reign in reigns if reign.version == version]
        assert all(a.until <= b.since for a, b in pairwise(own))


HOSTILE = "</svg><script>alert(1)</script>'\"&"


def test_plots_hold_nothing_that_our_pages_forbid_whatever_things_are_called():
    reign = Reign(version=1, since=day(0), until=None, way=Way.MOVED, who=HOSTILE)
    points = tuple(Point(version=v, value=1.5 * v, answer=Answer.PROMOTE) for v in range(1, 60))
    for drawn in (of_reigns([reign], day(3)), of_series(Series(name=HOSTILE, points=points))):
        assert not re.search(r"<script|<style| style=|<!--|<defs|xlink|\bid=", drawn)
        assert drawn.startswith("<svg ")
        assert 'role="img"' in drawn
    assert "by &lt;/svg&gt;&lt;script&gt;" in of_reigns([reign], day(3))


@pytest.mark.parametrize("number", [1, 2, 60])
def test_any_number_of_versions_can_be_drawn(number):
    points = tuple(Point(version=v, value=0.0, answer=Answer.ASK) for v in range(1, number + 1))
    assert of_series(Series(name="rmse", points=points)).count("<circle") == number
    reigns = [Reign(version=v, since=day(0), until=day(0), way=Way.PROMOTED) for v in range(1, number + 1)]
    assert of_reigns(reigns, day(0)).count("<circle") == number
