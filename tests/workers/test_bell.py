"""The doorbell never holds up its caller, whatever the queue does."""

import logging
import socket
import threading

import pytest

from workers.bell import ALIKE_MAX, Bell, celery_bell


def test_every_ring_is_sent():
    sent = []
    bell = Bell(sent.append)
    bell.ring()
    bell.ring("workers.tell")
    bell.flush()
    assert sent == ["workers.look", "workers.tell"]


def test_a_queue_that_is_down_costs_a_warning_and_nothing_else(caplog):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bell = celery_bell(f"redis://127.0.0.1:{port}/0")
    with caplog.at_level(logging.WARNING):
        bell.ring()
        bell.flush()
    assert "the sweep will find the work" in caplog.text


@pytest.mark.parametrize("error", [OSError("down")])
def test_rings_go_on_after_one_was_lost(error):
    sent = []

    def send(task):
        sent.append(task)
        if len(sent) == 1:
            raise error

    bell = Bell(send)
    bell.ring()
    bell.ring()
    bell.flush()
    assert len(sent) == 2


def test_of_many_rings_that_wait_a_few_are_kept_for_each_task():
    sent, go_on = [], threading.Event()

    def send(task):
        go_on.wait(10)
        sent.append(task)

    bell = Bell(send)
    for _ in range(1000):
        bell.ring()
    bell.ring("workers.tell")
    go_on.set()
    bell.flush()
    assert sent.count("workers.look") <= ALIKE_MAX + 1
    assert sent.count("workers.tell") == 1
