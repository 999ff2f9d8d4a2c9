"""Services start in the order of their needs, die noticed, and stop whole."""

import os
import signal
import time
import urllib.request

import pytest

from gatehouse.stack.errors import ServiceDied
from gatehouse.stack.health import HttpAnswers
from gatehouse.stack.service import Service
from gatehouse.stack.supervisor import REVIVALS_MAX, Supervisor


@pytest.fixture
def supervisor(home, reports):
    with Supervisor(home, reports.append, grace_s=1.0) as running:
        yield running


def wait_for_end(supervisor):
    """Look until something has ended; what raises is the product's own check."""
    for _ in range(100):
        supervisor.check()
        time.sleep(0.05)


def pids(supervisor):
    return [each.pid for each in supervisor._running.values()]


def test_services_come_up_after_what_they_need_and_answer(supervisor, reports, free_port, dummies):
    supervisor.start(
        [dummies.program("second", dummies.wait, needs=("first",)), dummies.server("first", free_port)]
    )
    assert [line.split()[0] for line in reports] == ["first", "second"]
    with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/") as answer:
        assert answer.status == 204
    supervisor.check()


def test_a_service_that_dies_while_starting_is_named_with_the_end_of_its_log(supervisor, home, dummies):
    dying = dummies.program("mlflow", "print('line one', flush=True); raise SystemExit('no disk left')")
    with pytest.raises(
        ServiceDied, match=r"(?s)mlflow ended with exit code 1.*line one\s+no disk left"
    ) as died:
        supervisor.start([dummies.program("other", dummies.wait), dying])
    assert str(home.log("mlflow")) in str(died.value)


def test_the_log_of_an_earlier_start_is_neither_shown_nor_believed(supervisor, home, dummies):
    home.log("worker").write_text("up and well yesterday\n")
    with pytest.raises(ServiceDied) as died:
        supervisor.start([dummies.program("worker", "raise SystemExit('today')")])
    assert "yesterday" not in str(died.value)
    assert home.log("worker").read_text().startswith("up and well yesterday")


def test_a_service_that_dies_later_is_noticed(supervisor, dummies):
    supervisor.start([dummies.program("other", dummies.wait), dummies.program("worker", dummies.wait)])
    os.kill(pids(supervisor)[1], signal.SIGKILL)
    with pytest.raises(ServiceDied, match="worker was killed by signal 9"):
        wait_for_end(supervisor)


def test_a_service_that_dies_under_watch_is_started_again(supervisor, reports, dummies):
    supervisor.start([dummies.program("other", dummies.wait), dummies.program("worker", dummies.wait)])
    other, before = pids(supervisor)
    os.kill(before, signal.SIGKILL)
    with pytest.raises(ServiceDied):
        wait_for_end(supervisor)
    supervisor.revive()
    supervisor.check()
    assert pids(supervisor)[0] == other
    assert pids(supervisor)[1] != before
    assert reports[-1] == "worker was killed by signal 9: starting it again"


def test_a_service_that_dies_again_and_again_is_given_up(supervisor, home, dummies):
    supervisor.start(
        [
            dummies.program(
                "worker", "import time; print('up', flush=True); time.sleep(0.3); raise SystemExit('no')"
            )
        ]
    )
    with pytest.raises(ServiceDied, match="worker ended with exit code 1"):
        supervisor.watch()
    assert home.log("worker").read_text().count("no") == REVIVALS_MAX + 1


def test_a_service_that_never_answers_is_given_up(supervisor, free_port, dummies):
    silent = dummies.program(
        "mlflow", dummies.wait, healthy=HttpAnswers(f"http://127.0.0.1:{free_port}/"), start_within_s=0.3
    )
    with pytest.raises(ServiceDied, match="did not answer within 0 s"):
        supervisor.start([silent])


def test_a_program_that_is_not_there_is_told(supervisor, dummies):
    with pytest.raises(ServiceDied, match=r"redis could not be started: .*No such file"):
        supervisor.start([Service("redis", ("/no/such/redis-server",), {}, lambda _: True)])


def test_stopping_reaches_the_stubborn_and_those_who_left_the_session(supervisor, home, dummies):
    supervisor.start([dummies.program("worker", dummies.stubborn, healthy=lambda log: "here" in log)])
    [worker] = pids(supervisor)
    away = int(home.log("worker").read_text().split()[1])
    supervisor.stop()
    assert dummies.is_gone(worker, 0.5)
    assert dummies.is_gone(away, 0.5)


GOODBYE = """
import signal, socket, sys, time
def leave(*_):
    print("still there:", socket.socket().connect_ex(("127.0.0.1", int(sys.argv[1]))) == 0, flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, leave)
print("up", flush=True)
time.sleep(600)
"""


def test_what_needs_others_stops_before_them(supervisor, home, dummies, free_port):
    needing = dummies.program("needing", GOODBYE, str(free_port), needs=("needed",))
    supervisor.start([needing, dummies.server("needed", free_port)])
    supervisor.stop()
    assert "still there: True" in home.log("needing").read_text()


def test_when_a_start_fails_nothing_stays(supervisor, dummies):
    dying = dummies.program("b", "raise SystemExit(3)", needs=("a",))
    with pytest.raises(ServiceDied, match="b ended with exit code 3"):
        supervisor.start([dummies.program("a", dummies.wait), dying])
    started = pids(supervisor)
    supervisor.__exit__(None, None, None)
    assert len(started) == 2
    assert all(dummies.is_gone(pid, 0.5) for pid in started)


def test_stopping_twice_is_fine(supervisor, dummies):
    supervisor.start([dummies.program("a", dummies.wait)])
    supervisor.stop()
    supervisor.stop()
    assert pids(supervisor) == []


def test_a_service_knows_only_the_environment_it_is_given(supervisor, home, monkeypatch, dummies):
    monkeypatch.setenv("GATEHOUSE_WEBHOOK_SECRET", "not for you")
    tell = "import os, time; print(sorted(os.environ), 'up', flush=True); time.sleep(600)"
    supervisor.start([dummies.program("console", tell, environment={"ONLY": "this"})])
    assert home.log("console").read_text().split("]")[0] in {"['ONLY'", "['LC_CTYPE', 'ONLY'"}
