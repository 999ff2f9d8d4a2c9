"""Messages leave once by each channel, are tried again, and are kept when they never leave."""

from collections import Counter
from datetime import timedelta

import pytest

from ledger import outbox
from ledger.engine import reading, writing
from ledger.outbox import Draft

MINUTE = timedelta(minutes=1)


@pytest.fixture
def do(ledger):
    def call(function, *words, **more):
        with writing(ledger) as session:
            return function(session, *words, **more)

    return call


def draft(key="decision 1", version=1, model="fare"):
    return Draft(key=key, model=model, version=version, text="{}")


def test_a_fact_is_told_once_by_each_channel(do, now):
    put = [do(outbox.enqueue, draft(), via=via, now=now) for via in ("slack", "slack", "log")]
    assert put == [True, False, True]


def test_of_many_at_once_one_puts_it_in(do, now, at_once):
    assert sum(at_once(lambda _: do(outbox.enqueue, draft(), via="slack", now=now), 8)) == 1


def test_of_many_senders_each_message_has_one(do, now, at_once):
    for n in range(40):
        do(outbox.enqueue, draft(f"decision {n}", model=f"fare {n}"), via="slack", now=now)

    def claim_all(_):
        mine = []
        while outgoing := do(outbox.claim, now):
            mine.append(outgoing.id)
        return mine

    taken = Counter(id_ for mine in at_once(claim_all, 4) for id_ in mine)
    assert (len(taken), set(taken.values())) == (40, {1})


def test_what_was_sent_is_over(do, now):
    do(outbox.enqueue, draft(), via="slack", now=now)
    do(outbox.mark_sent, do(outbox.claim, now), now)
    assert do(outbox.claim, now + MINUTE * 10) is None


def test_a_dead_senders_message_is_sent_by_another(do, now):
    do(outbox.enqueue, draft(), via="slack", now=now)
    first = do(outbox.claim, now)
    assert do(outbox.claim, now) is None
    assert do(outbox.claim, now + outbox.LEASE).id == first.id


def test_what_was_not_taken_is_tried_again_when_it_is_due(do, now):
    do(outbox.enqueue, draft(), via="slack", now=now)
    do(outbox.mark_failed, do(outbox.claim, now), "429", retry=now + MINUTE)
    assert do(outbox.claim, now) is None
    assert do(outbox.claim, now + MINUTE).attempts == 2


@pytest.mark.parametrize("refused", [True, False], ids=["refused", "tried too often"])
def test_what_is_given_up_is_kept_listed_and_sent_when_a_person_says_so(do, ledger, now, refused):
    do(outbox.enqueue, draft(), via="slack", now=now)
    for _ in range(1 if refused else outbox.ATTEMPTS_MAX):
        outgoing = do(outbox.claim, now)
        do(outbox.mark_failed, outgoing, "404 no such channel", retry=None if refused else now)
    assert do(outbox.claim, now + MINUTE) is None
    with reading(ledger) as session:
        (kept,) = outbox.given_up(session, "fare", 1)
        assert outbox.given_up(session, "fare", 2) == []
    assert (kept.via, kept.text, kept.tries) == ("slack", "404 no such channel", outgoing.attempts)
    assert do(outbox.retry, now, "tips") == []
    assert do(outbox.retry, now) == [kept]
    assert do(outbox.claim, now).attempts == 1


def test_after_an_hours_outage_each_model_hears_all_in_order(do, now):
    told = [("first", "fare"), ("second", "fare"), ("other", "tips"), ("third", "fare")]
    for key, model in told:
        do(outbox.enqueue, draft(key, model=model), via="slack", now=now)
    for minute in range(60):
        while outgoing := do(outbox.claim, now + minute * MINUTE):
            assert outgoing.key in {"first", "other"}
            do(outbox.mark_failed, outgoing, "down", retry=now + (minute + 1) * MINUTE)
    heard = []
    while outgoing := do(outbox.claim, now + 60 * MINUTE):
        heard.append(outgoing.key)
        do(outbox.mark_sent, outgoing, now + 60 * MINUTE)
    assert heard == ["first", "second", "other", "third"]


def test_a_message_that_cannot_be_sent_lets_the_next_pass(do, now):
    for key in ("first", "second"):
        do(outbox.enqueue, draft(key), via="slack", now=now)
    do(outbox.mark_failed, do(outbox.claim, now), "no such channel", retry=None)
    assert do(outbox.claim, now).key == "second"


def test_no_channel_waits_for_another(do, now):
    for via in ("slack", "mail"):
        do(outbox.enqueue, draft(), via=via, now=now)
    do(outbox.mark_failed, do(outbox.claim, now), "down", retry=now + MINUTE)
    assert do(outbox.claim, now).via == "mail"


def test_a_channel_that_has_enough_is_left_alone_as_a_whole(do, now):
    for via, model in (("slack", "fare"), ("slack", "tips"), ("mail", "tips")):
        do(outbox.enqueue, draft(model=model, key=model), via=via, now=now)
    do(outbox.mark_failed, do(outbox.claim, now), "429", retry=now + MINUTE)
    do(outbox.hold_back, "slack", now + MINUTE)
    assert do(outbox.claim, now).via == "mail"
    assert do(outbox.claim, now) is None
    assert [do(outbox.claim, now + MINUTE).via for _ in range(2)] == ["slack", "slack"]


def test_whoever_sends_again_knows_since_when_it_may_have_been_sent(do, now):
    do(outbox.enqueue, draft(), via="slack", now=now)
    first = do(outbox.claim, now)
    assert first.since is None
    do(outbox.mark_failed, first, "503", retry=now + MINUTE)
    assert do(outbox.claim, now + MINUTE).since == now
    do(outbox.mark_failed, do(outbox.claim, now + 3 * MINUTE), "404", retry=None)
    do(outbox.retry, now + 4 * MINUTE)
    again = do(outbox.claim, now + 4 * MINUTE)
    assert (again.attempts, again.since) == (1, now)
