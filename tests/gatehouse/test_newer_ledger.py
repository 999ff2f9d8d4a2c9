"""A ledger of a newer product: what would write to it refuses to start and says so; the console's pages say it."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import text

from tests.webhooks.senders import SECRETS

CELERY = ("celery", "-A", "workers.app", "worker", "--concurrency", "1")
GUNICORN = ("gunicorn", "--bind", "127.0.0.1:0", "--config", "python:webhooks.server", "webhooks.wsgi:app")
STATUS = ("-c", "from gatehouse.cli import main; main()", "status")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("-m", *CELERY), 1, id="workers"),
        pytest.param(("-m", *GUNICORN), 3, id="receiver"),
        pytest.param(STATUS, 2, id="commands"),
    ],
)
def test_over_a_ledger_of_a_newer_product_nothing_starts_and_all_say_why(ledger, ledger_url, words, code):
    with ledger.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    environ = {
        "GATEHOUSE_LEDGER_URL": ledger_url,
        "GATEHOUSE_WEBHOOK_SECRET": SECRETS["mlflow"][0],
        "GATEHOUSE_REDIS_URL": "redis://127.0.0.1:1/0",
        "GATEHOUSE_SPARES": "0",
    }
    done = subprocess.run(
        [sys.executable, *words], env=os.environ | environ, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "was written by a newer Gatehouse (schema 9999" in done.stderr
