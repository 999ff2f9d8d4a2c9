"""Open pages are told of changes by one watcher, which asks the ledger only while a page is open."""

import queue
import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from console.watcher import PAGES_MAX, TooManyPages, Watcher
from ledger import approvals, changes, holds
from ledger.engine import reading, writing
from ledger.holds import Hold
from ledger.work import claim, ring
from policies.verdicts import Approval, Vote
from registry.events import EventKind
from registry.words import Stage
from tests.console import rich

SOON = 20


@contextmanager
def counted(engine):
    asked = []
    count = lambda *words: asked.append(words[2])  # noqa: E731 sqlalchemy keeps it by identity
    event.listen(engine, "before_cursor_execute", count)
    yield asked
    event.remove(engine, "before_cursor_execute", count)


@pytest.fixture
def watcher(engine):
    watcher = Watcher(engine, every_s=0.05)
    yield watcher
    for listener in list(watcher._listeners):
        watcher.leave(listener)


def place(engine):
    with reading(engine) as session:
        return changes.place(session)


def change(engine, model):
    with writing(engine) as session:
        rich.tell(session, model, 1, EventKind.VERSION_CREATED, at=rich.NOW)


def test_a_page_is_told_of_its_own_model_and_of_no_other(engine, watcher):
    ours, any_model = watcher.listen("ours", place(engine)), watcher.listen(None, place(engine))
    change(engine, "other")
    any_model.changed.get(timeout=SOON)
    assert ours.changed.empty()
    change(engine, "ours")
    ours.changed.get(timeout=SOON)


def test_a_page_is_told_at_once_of_what_happened_since_it_was_drawn(engine, watcher):
    before = place(engine)
    change(engine, "m")
    told = watcher.listen("m", before).changed.get(timeout=SOON)
    assert changes.read(told) == place(engine)
    assert watcher.listen("m", changes.read(told)).changed.empty()


def said(verb):
    return Approval(
        reviewer="ada", vote=verb, comment="so", evidence_digest="e", policy_digest="p", at=rich.NOW
    )


@pytest.mark.parametrize("verb", Vote)
def test_whatever_somebody_says_is_a_change_of_that_model(engine, watcher, verb):
    ours, other = watcher.listen("m", place(engine)), watcher.listen("other", place(engine))
    with writing(engine) as session:
        approvals.add(session, "m", 1, said(verb))
    ours.changed.get(timeout=SOON)
    assert other.changed.empty()


@pytest.mark.parametrize("verb", ["hold", "resume"])
def test_a_hold_and_its_end_are_changes_of_that_model_and_one_of_all_models_of_each(engine, watcher, verb):
    pages = {model: watcher.listen(model, place(engine)) for model in ("m", "other", None)}
    with writing(engine) as session:
        holds.add(session, Hold(0, "m", verb, "ada", "console", "", "why", rich.NOW))
    for model in ("m", None):
        pages[model].changed.get(timeout=SOON)
    assert pages["other"].changed.empty()
    with writing(engine) as session:
        holds.add(session, Hold(0, None, verb, "ada", "console", "", "why", rich.NOW))
    for page in pages.values():
        page.changed.get(timeout=SOON)


def test_a_page_is_told_at_once_of_a_hold_that_came_since_it_was_drawn(engine, watcher):
    before = place(engine)
    with writing(engine) as session:
        holds.add(session, Hold(0, None, "hold", "ada", "console", "", "why", rich.NOW))
    told = watcher.listen("m", before).changed.get(timeout=SOON)
    assert "hold1" in told
    assert changes.read(told) == place(engine)


def test_a_look_that_begins_is_a_change(engine, watcher):
    with writing(engine) as session:
        ring(session, "m", 1, rich.NOW)
    listener = watcher.listen("m", place(engine))
    with writing(engine) as session:
        claim(session, rich.NOW)
    listener.changed.get(timeout=SOON)


def test_ten_open_pages_ask_the_ledger_no_more_than_one(engine, watcher):
    def questions(pages):
        listeners = [watcher.listen("m", place(engine)) for _ in range(pages)]
        rounds = 6
        with counted(engine) as asked:
            turn = threading.Event()
            turn.wait(0.05 * rounds)
        for listener in listeners:
            watcher.leave(listener)
        return len(asked) / rounds

    assert questions(10) <= 2 * questions(1) + 5


def test_nobody_asks_the_ledger_while_no_page_is_open(engine, watcher):
    listener = watcher.listen(None, place(engine))
    running = watcher._thread
    watcher.leave(listener)
    running.join(timeout=SOON)
    assert not running.is_alive()
    change(engine, "m")
    assert listener.changed.empty()
    again = watcher.listen(None, place(engine))
    change(engine, "m")
    again.changed.get(timeout=SOON)


def test_a_process_tells_only_so_many_pages(engine, watcher):
    listeners = [watcher.listen("m", {}) for _ in range(PAGES_MAX)]
    with pytest.raises(TooManyPages):
        watcher.listen("m", {})
    watcher.leave(listeners[0])
    watcher.listen("m", {})


def test_the_stream_says_that_the_page_changed_and_where_to_go_on(client, engine, story):
    with writing(engine) as session:
        story.see(session, "m", 1, Stage.NONE)
    change(engine, "m")
    answer = client.get("/changes?model=m&after=event0.decision0.approval0.action0.message0")
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    lines = answer.response
    assert next(lines) == b"retry: 5000\n\n"
    assert next(lines).startswith(b"event: changed\nid: event1.")
    answer.close()


def test_a_place_that_is_none_is_passed_over(client):
    answer = client.get(
        "/changes?after=nonsense.event.zz9", headers={"Last-Event-ID": "'; drop table events"}
    )
    assert next(answer.response) == b"retry: 5000\n\n"
    answer.close()


def test_a_listener_waits_without_asking_anything(engine, watcher):
    listener = watcher.listen("m", place(engine))
    with pytest.raises(queue.Empty):
        listener.changed.get(timeout=0.3)
