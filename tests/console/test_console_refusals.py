"""What the console says no to, and what it says while its ledger is away."""

import re
import subprocess
import sys

import pytest

from console.app import create_app
from ledger.engine import open_ledger
from tests.console.test_console_pages import text_of


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/models/nope", "Nothing is on record for a model named &#39;nope&#39;."),
        ("/models/nope/1", "Nothing is on record for version 1"),
        (f"/models/nope/{10**30}", "not found"),
        ("/models/m/x", "not found"),
        ("/models/%FF", "Nothing is on record"),
        ("/models/%00", "not found"),
        ("/models/%2500", "not found"),
    ],
)
def test_what_is_not_there_is_404_in_words(client, path, says):
    assert says in text_of(client, path, 404)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
@pytest.mark.parametrize(
    "path", ["/", "/channel", "/models/m", "/models/m/1", "/healthz", "/audit", "/policies"]
)
def test_nothing_can_be_changed(client, method, path):
    assert getattr(client, method)(path).status_code == 405


@pytest.mark.parametrize("path", ["/", "/channel", "/models/nope", "/healthz", "/static/console.css"])
def test_every_answer_forbids_scripts_frames_and_sniffing(client, path):
    answer = client.get(path)
    headers = answer.headers
    answer.close()
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_pages_hold_neither_inline_scripts_nor_inline_styles(client, engine, story):
    story.furnish(engine)
    paths = (
        "/",
        "/channel",
        "/models/taxi-fare",
        "/models/taxi-fare/3",
        "/policies",
        "/deliveries",
        "/audit",
    )
    for path in paths:
        page = re.sub(r'<script src="/static/live.js" defer></script>', "", text_of(client, path))
        assert not re.search(r"<script|<style| style=| on\w+=", page)


def test_healthz_answers_ok(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "ok\n")


@pytest.mark.parametrize("path", ["/", "/channel", "/models/m", "/models/m/1", "/healthz"])
def test_a_ledger_that_is_not_set_up_is_503_with_what_to_do(tmp_path, path):
    engine = open_ledger(f"sqlite:///{tmp_path / 'none.db'}")
    page = text_of(create_app(engine).test_client(), path, 503)
    engine.dispose()
    assert "gatehouse up" in page
    assert "The ledger cannot be read" in page


def test_a_ledger_that_goes_away_is_503_and_comes_back(client, engine, tmp_path):
    assert text_of(client, "/healthz") == "ok\n"
    engine.dispose()
    file = tmp_path / "ledger.db"
    file.rename(tmp_path / "gone.db")
    (tmp_path / "ledger.db").mkdir()
    assert "does not answer" in text_of(client, "/", 503)
    engine.dispose()
    (tmp_path / "ledger.db").rmdir()
    (tmp_path / "gone.db").rename(file)
    assert "No model has been seen yet" in text_of(client, "/")


def test_the_console_starts_without_what_only_workers_need():
    program = "import console.wsgi, sys; print(*sys.modules)"
    listed = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded = set(listed.stdout.split())
    assert "flask" in loaded
    assert not loaded & {"mlflow", "pandas", "numpy", "slack_sdk", "celery"}
