"""An outage is waited out however long it lasts; what fails as nobody foresaw is given up after a few looks."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from ledger import locks, work
from ledger.engine import reading, writing
from ledger.errors import LedgerUnavailable
from registry.errors import RegistryUnavailable
from registry.words import Stage
from workers.look import look


@pytest.fixture
def created(keeper, registry):
    version = registry.register("plain")
    with writing(keeper.ledger) as session:
        work.ring(session, "plain", version.version, keeper.now())
    return version


def problem(keeper):
    with reading(keeper.ledger) as session:
        return work.problems(session)["plain", 1]


def failing(keeper, error):
    def policies():
        raise error

    return replace(keeper, policies=policies)


def look_often(keeper, clock, times):
    for _ in range(times):
        clock.pass_(seconds=work.RETRY_MAX.total_seconds())
        look(keeper)


def test_an_outage_is_waited_out(keeper, clock, created):
    look_often(failing(keeper, RegistryUnavailable("MLflow is away")), clock, 50)
    assert (problem(keeper).text, problem(keeper).given_up) == ("MLflow is away", False)
    look_often(keeper, clock, 1)
    with reading(keeper.ledger) as session:
        assert "plain" not in {model for model, _ in work.problems(session)}


def test_what_nobody_foresaw_is_raised_each_time_and_then_given_up(keeper, clock, created):
    broken = failing(keeper, KeyError("rmse"))
    for _ in range(work.FAILURES_MAX):
        clock.pass_(minutes=5)
        with pytest.raises(KeyError):
            look(broken)
    clock.pass_(days=1)
    assert look(broken) is False
    assert str(problem(keeper)) == "given up after 5 tries: KeyError: 'rmse'; gatehouse retry plain 1"


def test_a_worker_that_was_only_slow_does_not_close_what_another_took_over(keeper, clock, created):
    def slow():
        clock.pass_(seconds=work.LEASE.total_seconds() + 1)
        with writing(keeper.ledger) as session:
            taken.append(work.claim(session, keeper.now()))
        raise RegistryUnavailable("too late")

    taken = []
    look(replace(keeper, policies=slow))
    with writing(keeper.ledger) as session:
        assert work.postpone(session, taken[0], keeper.now(), "it is mine") > keeper.now() + timedelta(0)
        assert work.problems(session)["plain", 1].text == "it is mine"


def test_whoever_meets_a_dead_movers_lock_stands_aside_until_it_ends(keeper, registry, clock, created):
    """However many tries that takes, the last comes right after the lease, not minutes later."""
    registry.set_tag("plain", created.version, "owner", "ada")
    with writing(keeper.ledger) as session:
        locks.take(session, "plain", "dead:1", keeper.now())
    died = clock.time
    while registry.version("plain", 1).stage is not Stage.STAGING:
        assert clock.time < died + work.LEASE + 2 * work.TURN
        clock.pass_(seconds=1)
        look(keeper)


def test_a_lease_is_renewed_after_an_outage_of_the_ledger_too(keeper, created, monkeypatch):
    renewed, again, renew = [], threading.Event(), work.renew

    def away_at_first(session, claim, now):
        renewed.append(claim)
        if len(renewed) == 1:
            raise LedgerUnavailable("it is away")
        renew(session, claim, now)
        again.set()

    def slow():
        assert again.wait(10)
        return keeper.policies()

    monkeypatch.setattr("workers.look.RENEW_S", 0.01)
    monkeypatch.setattr(work, "renew", away_at_first)
    assert look(replace(keeper, policies=slow))
    assert len(renewed) > 1
