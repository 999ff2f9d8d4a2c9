"""Those who wait together are stored together, each gets its own answer, and one poisonous item fails alone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.errors import LedgerCollision, LedgerUnavailable
from webhooks.commit import TOGETHER_MAX, Committer


class Store:
    """Stores numbers, all of a group or none; answers with their squares."""

    def __init__(self):
        self.groups = []
        self.stored = []
        self.open = threading.Event()
        self.open.set()

    def __call__(self, group):
        self.groups.append(list(group))
        self.open.wait(10)
        self.check(group)
        self.stored += group
        return [number * number for number in group]

    def check(self, group):
        pass


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def committer(store):
    return Committer(store)


@pytest.fixture
def submit_all(committer, store):
    """Submits so many numbers at once, all but the first while the first is being stored; what became of each."""

    def outcome(number):
        try:
            return committer.submit(number)
        except Exception as error:  # noqa: BLE001 the test compares them
            return error

    def call(count):
        store.open.clear()
        with ThreadPoolExecutor(count) as pool:
            asked = [pool.submit(outcome, 0)]
            while not store.groups:
                pass
            asked += [pool.submit(outcome, number) for number in range(1, count)]
            while len(committer._waiting) < count - 1:
                pass
            store.open.set()
            return [each.result(10) for each in asked]

    return call


def test_one_alone_is_stored_at_once(committer, store):
    assert committer.submit(3) == 9
    assert store.groups == [[3]]


def test_those_that_wait_are_stored_together_and_each_has_its_own_answer(submit_all, store):
    assert submit_all(16) == [number * number for number in range(16)]
    assert [len(group) for group in store.groups] == [1, 15]


def test_every_item_of_many_threads_is_stored_once(committer, store):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(committer.submit, range(2000)))
    assert answers == [number * number for number in range(2000)]
    assert sorted(store.stored) == list(range(2000))


def test_no_group_is_larger_than_agreed(submit_all, store):
    count = TOGETHER_MAX + 10
    assert submit_all(count) == [number * number for number in range(count)]
    assert max(len(group) for group in store.groups) == TOGETHER_MAX


def test_a_poisonous_item_fails_alone(submit_all, store):
    poison = ValueError("13 cannot be stored")

    def check(group):
        if 13 in group:
            raise poison

    store.check = check
    answers = submit_all(16)
    assert answers[13] is poison
    assert [a for a in answers if a is not poison] == [
        number * number for number in range(16) if number != 13
    ]
    assert sorted(store.stored) == [number for number in range(16) if number != 13]


def test_a_collision_of_the_group_is_tried_again_one_by_one(submit_all, store):
    def check(group):
        if len(group) > 1:
            raise LedgerCollision("deadlock")

    store.check = check
    assert submit_all(4) == [0, 1, 4, 9]


def test_an_outage_is_not_asked_for_each_item_anew(submit_all, store):
    outage = LedgerUnavailable("away")

    def check(group):
        raise outage

    store.check = check
    assert submit_all(16) == [outage] * 16
    assert len(store.groups) == 2


def test_after_an_outage_it_goes_on(committer, store):
    store.check = lambda _: 1 / 0
    with pytest.raises(ZeroDivisionError):
        committer.submit(1)
    store.check = lambda _: None
    assert committer.submit(2) == 4


def test_whoever_is_stopped_while_it_stores_for_others_leaves_none_waiting(committer, store):
    def check(group):
        if group != [0]:
            raise SystemExit

    store.check = check
    outcomes = []

    def submit(number):
        try:
            outcomes.append(committer.submit(number))
        except (SystemExit, LedgerUnavailable) as error:
            outcomes.append(type(error))

    store.open.clear()
    threads = [threading.Thread(target=submit, args=(number,)) for number in range(4)]
    threads[0].start()
    while not store.groups:
        pass
    for thread in threads[1:]:
        thread.start()
    while len(committer._waiting) < len(threads) - 1:
        pass
    store.open.set()
    for thread in threads:
        thread.join(10)
    assert sorted(map(str, outcomes)) == sorted(
        map(str, [0, SystemExit, LedgerUnavailable, LedgerUnavailable])
    )
