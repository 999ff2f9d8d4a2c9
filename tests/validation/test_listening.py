import os

import pytest

from validation.listening import Garbled, Listener


@pytest.fixture
def pipes():
    """A listener, and the writing ends of its status and its log."""
    (status, tell), (log, write) = os.pipe(), os.pipe()
    listener = Listener(os.fdopen(status, "rb", 0), os.fdopen(log, "rb", 0), log_bytes=10)
    yield listener, tell, write
    listener.close()
    os.close(tell)
    os.close(write)


def test_statuses_come_one_by_one_and_only_when_whole(pipes):
    listener, tell, _ = pipes
    os.write(tell, b'{"state": "loaded"}\n{"state": "sco')
    listener.listen(1)
    assert listener.status(["loaded"]) == {"state": "loaded"}
    assert listener.status(["scored"]) is None
    os.write(tell, b'red"}\n')
    listener.listen(1)
    assert listener.status(["scored"]) == {"state": "scored"}


@pytest.mark.parametrize(
    "line",
    [
        b"hello",
        b"[1]",
        b'{"state": 1}',
        b'{"state": "promoted"}',
        b"[" * 5000,
        b"\xff",
        b'{"state": ["scored"]}',
    ],
    ids=["words", "list", "number", "unknown", "deep", "bytes", "unhashable"],
)
def test_anything_else_on_the_status_pipe_is_refused(pipes, line):
    listener, tell, _ = pipes
    os.write(tell, line + b"\n")
    listener.listen(1)
    with pytest.raises(Garbled):
        listener.status(["scored"])


def test_an_endless_status_is_refused(pipes):
    listener, tell, _ = pipes
    os.write(tell, b"x" * 60_000)
    listener.listen(1)
    os.write(tell, b"x" * 60_000)
    with pytest.raises(Garbled):
        listener.listen(1)


def test_only_the_end_of_the_print_is_kept(pipes):
    listener, _, write = pipes
    os.write(write, b"a long story\nwith an end\n")
    listener.listen(1)
    assert listener.last_words == "th an end"
