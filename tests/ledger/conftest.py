"""Every test here runs on SQLite and on PostgreSQL, each on an empty ledger of its own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from tests.databases import ON_BOTH


@pytest.fixture(params=ON_BOTH)
def database(request):
    return request.param


@pytest.fixture
def now():
    return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def at_once():
    """Calls a function from so many threads at the same moment; what they returned."""

    def call(function, threads):
        with ThreadPoolExecutor(threads) as pool:
            return [each.result() for each in [pool.submit(function, n) for n in range(threads)]]

    return call
