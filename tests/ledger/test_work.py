"""Work is claimed by one at a time, found again when its worker dies, waited out or given up."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ledger import work
from ledger.engine import reading, writing
from ledger.tables import WorkRow

SECOND = timedelta(seconds=1)


@pytest.fixture
def do(ledger):
    """Calls one function of `ledger.work` in a transaction of its own."""

    def call(function, *words, **more):
        with writing(ledger) as session:
            return function(session, *words, **more)

    return call


def rows(ledger):
    with reading(ledger) as session:
        return session.scalar(select(func.count()).select_from(WorkRow))


def test_what_is_rung_is_claimed_once(do, now):
    do(work.ring, "fare", 1, now)
    claim = do(work.claim, now)
    assert (claim.model, claim.version, claim.attempts) == ("fare", 1, 1)
    assert do(work.claim, now) is None


def test_ringing_twice_asks_once(do, ledger, now):
    do(work.ring, "fare", 1, now)
    do(work.ring, "fare", 1, now)
    assert rows(ledger) == 1


def test_the_longest_due_comes_first(do, now):
    do(work.ring, "fare", 2, now)
    do(work.ring, "fare", 1, now - SECOND)
    assert [do(work.claim, now).version for _ in range(2)] == [1, 2]


def test_many_are_rung_with_one_call(do, ledger, now):
    do(work.ring_all, [("b", 1), ("a", 2), ("b", 1)], now)
    do(work.ring_all, [], now)
    assert rows(ledger) == 2


def test_what_is_finished_is_gone(do, ledger, now):
    do(work.ring, "fare", 1, now)
    do(work.finish, do(work.claim, now), now)
    assert rows(ledger) == 0


def test_what_is_rung_while_it_is_looked_at_is_looked_at_again(do, now):
    do(work.ring, "fare", 1, now)
    claim = do(work.claim, now)
    do(work.ring, "fare", 1, now)
    assert do(work.claim, now) is None
    do(work.finish, claim, now)
    assert do(work.claim, now).version == 1


@pytest.mark.parametrize(
    ("attempt", "wait_s"),
    [pytest.param(1, 2, id="first"), pytest.param(3, 8, id="third"), pytest.param(20, 60, id="at most")],
)
def test_what_is_postponed_waits_longer_each_time(do, now, attempt, wait_s):
    do(work.ring, "fare", 1, now)
    for _ in range(attempt):
        due = do(work.postpone, do(work.claim, now), now, "MLflow is away")
        waited, now = due - now, due
    assert waited == timedelta(seconds=wait_s)


def test_what_is_rung_while_it_fails_is_due_at_once(do, now):
    do(work.ring, "fare", 1, now)
    claim = do(work.claim, now)
    do(work.ring, "fare", 1, now)
    assert do(work.postpone, claim, now, "MLflow is away") == now


def test_an_outage_of_a_night_is_waited_out(do, ledger, now):
    do(work.ring, "fare", 1, now)
    for _ in range(200):
        now = do(work.postpone, do(work.claim, now), now, "MLflow is away")
    with reading(ledger) as session:
        assert not work.problems(session)["fare", 1].given_up


def test_what_fails_unforeseen_is_given_up_and_says_so(do, ledger, now):
    do(work.ring, "fare", 1, now)
    for _ in range(work.FAILURES_MAX - 1):
        now = do(work.fail, do(work.claim, now), now, "KeyError: 'x'")
    assert do(work.fail, do(work.claim, now), now, "KeyError: 'x'") is None
    assert do(work.claim, now + timedelta(days=30)) is None
    with reading(ledger) as session:
        problem = work.problems(session, "fare")["fare", 1]
        assert work.due_count(session, now + timedelta(days=30)) == 0
    assert str(problem) == "given up after 5 tries: KeyError: 'x'; gatehouse retry fare 1"


def test_an_outage_between_two_failures_starts_the_count_again(do, now):
    do(work.ring, "fare", 1, now)
    for _ in range(work.FAILURES_MAX):
        now = do(work.fail, do(work.claim, now), now, "KeyError: 'x'")
        now = do(work.postpone, do(work.claim, now), now, "MLflow is away")
    assert do(work.claim, now) is not None


def given_up(do, now, version=1):
    do(work.ring, "fare", version, now)
    for _ in range(work.FAILURES_MAX):
        due = do(work.fail, do(work.claim, now), now, "KeyError: 'x'")
        now = due or now
    return now


def test_an_event_takes_up_what_was_given_up(do, now):
    now = given_up(do, now)
    do(work.ring, "fare", 1, now)
    claim = do(work.claim, now)
    assert (claim.version, claim.attempts) == (1, 1)
    assert do(work.fail, claim, now, "KeyError: 'x'") is not None


def test_what_fails_for_the_last_time_while_it_is_rung_is_not_given_up(do, now):
    do(work.ring, "fare", 1, now)
    for _ in range(work.FAILURES_MAX - 1):
        now = do(work.fail, do(work.claim, now), now, "KeyError: 'x'")
    claim = do(work.claim, now)
    do(work.ring, "fare", 1, now)
    assert do(work.fail, claim, now, "KeyError: 'x'") == now


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        pytest.param((), [1, 2], id="all"),
        pytest.param(("fare",), [1, 2], id="a model"),
        pytest.param(("fare", 2), [2], id="a version"),
        pytest.param(("fare", 3), [], id="a version without trouble"),
        pytest.param(("tips",), [], id="another model"),
    ],
)
def test_a_person_takes_up_what_was_given_up_or_waits(do, now, asked, taken):
    now = given_up(do, now)
    do(work.ring, "fare", 2, now)
    do(work.postpone, do(work.claim, now), now, "MLflow is away")
    do(work.ring, "fare", 3, now)
    do(work.finish, do(work.claim, now), now)
    found = do(work.retry, now, *asked)
    assert [(each.version, each.given_up) for each in found] == [(v, v == 1) for v in taken]
    assert sorted(claim.version for _ in range(3) if (claim := do(work.claim, now))) == taken


def test_a_dead_workers_work_is_taken_over_when_its_lease_is_over(do, now):
    do(work.ring, "fare", 1, now)
    do(work.claim, now)
    assert do(work.claim, now + work.LEASE) is None
    assert do(work.claim, now + work.LEASE + SECOND).version == 1


def test_a_renewed_lease_is_kept(do, now):
    do(work.ring, "fare", 1, now)
    claim = do(work.claim, now)
    do(work.renew, claim, now + work.LEASE)
    assert do(work.claim, now + work.LEASE + SECOND) is None


@pytest.mark.parametrize("close", [work.finish, work.renew])
def test_whoever_lost_a_claim_no_longer_touches_it(do, now, close):
    do(work.ring, "fare", 1, now)
    slow = do(work.claim, now)
    later = now + work.LEASE + SECOND
    quick = do(work.claim, later)
    do(close, slow, later + work.LEASE)
    assert do(work.claim, later + SECOND) is None
    assert do(work.postpone, quick, later, "MLflow is away") is not None


@pytest.mark.parametrize("close", [work.postpone, work.fail])
def test_the_word_of_whoever_lost_a_claim_does_not_count(do, ledger, now, close):
    do(work.ring, "fare", 1, now)
    slow = do(work.claim, now)
    do(work.claim, now + work.LEASE + SECOND)
    assert do(close, slow, now, "too late") is None
    with reading(ledger) as session:
        assert work.problems(session) == {}


def test_work_that_kills_its_workers_is_given_up(do, ledger, now):
    do(work.ring, "fare", 1, now)
    claims = 0
    while do(work.claim, now) is not None:
        claims += 1
        now += work.LEASE + SECOND
    assert claims == work.DEATHS_MAX
    with reading(ledger) as session:
        assert "its workers died" in str(work.problems(session)["fare", 1])


def test_of_many_workers_each_version_has_one(ledger, now, at_once):
    with writing(ledger) as session:
        work.ring_all(session, [("fare", version) for version in range(200)], now)

    def claim_all(_):
        mine = []
        while True:
            with writing(ledger) as session:
                claim = work.claim(session, now)
            if claim is None:
                return mine
            mine.append(claim.version)

    taken = Counter(version for mine in at_once(claim_all, 8) for version in mine)
    assert taken == Counter(range(200))


def test_of_many_rings_at_once_all_are_counted(ledger, now, at_once):
    def ring(_):
        for _ in range(5):
            with writing(ledger) as session:
                work.ring(session, "fare", 1, now)

    at_once(ring, 8)
    with reading(ledger) as session:
        assert session.scalars(select(WorkRow.rung)).all() == [40]


def test_rings_of_the_same_versions_in_other_orders_do_not_block_each_other(ledger, now, at_once):
    versions = [("fare", version) for version in range(20)]

    def ring(n):
        for _ in range(5):
            with writing(ledger) as session:
                work.ring_all(session, versions[::-1] if n % 2 else versions, now)

    at_once(ring, 8)
    with reading(ledger) as session:
        assert set(session.scalars(select(WorkRow.rung))) == {40}


def test_no_ring_is_lost_between_a_look_and_its_end(ledger, now, at_once):
    """Half ring, half look: after the last ring there is a look that began after it, or work that waits."""
    seen = []

    def ring_or_look(n):
        for _ in range(25):
            with writing(ledger) as session:
                if n % 2:
                    work.ring(session, "fare", 1, now)
                    continue
                claim = work.claim(session, now)
            if claim:
                seen.append(claim.turn)
                with writing(ledger) as session:
                    work.finish(session, claim, now)

    at_once(ring_or_look, 8)
    with writing(ledger) as session:
        work.ring(session, "fare", 1, now)
        assert work.claim(session, now) is not None
