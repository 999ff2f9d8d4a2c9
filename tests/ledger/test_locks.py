"""One mover per registered model."""

from datetime import timedelta

import pytest

from ledger import locks
from ledger.engine import writing
from ledger.work import LEASE


@pytest.fixture
def take(ledger, now):
    def call(holder, model="fare", at=now):
        with writing(ledger) as session:
            return locks.take(session, model, holder, at)

    return call


def test_one_holds_it_and_the_other_does_not(take):
    assert (take("ada"), take("bob")) == (True, False)


def test_its_holder_may_take_it_again(take):
    assert (take("ada"), take("ada"), take("bob")) == (True, True, False)


def test_each_model_has_its_own(take):
    assert (take("ada"), take("bob", "tips")) == (True, True)


def test_given_back_it_is_free_and_only_its_holder_gives_it_back(take, ledger):
    take("ada")
    for holder, free in (("bob", False), ("ada", True)):
        with writing(ledger) as session:
            locks.release(session, "fare", holder)
        assert take("bob") is free


def test_a_dead_holders_lock_runs_out(take, now):
    take("ada")
    assert not take("bob", at=now + LEASE - timedelta(seconds=1))
    assert take("bob", at=now + LEASE)
    assert not take("ada", at=now + LEASE)


def test_a_holder_that_lives_keeps_what_it_has_and_nobody_elses(take, ledger, now):
    take("ada"), take("bob", "tips")
    with writing(ledger) as session:
        locks.renew(session, "ada", now + LEASE / 2)
    assert not take("cleo", at=now + LEASE)
    assert take("cleo", "tips", at=now + LEASE)


def test_of_many_at_once_one_has_it(take, at_once):
    for round_ in range(5):
        assert sum(at_once(lambda n, model=f"m{round_}": take(f"worker {n}", model), 8)) == 1
