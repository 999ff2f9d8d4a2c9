"""A page asks the ledger as often for a thousand rows as for one."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from benchmarks._console_ledger import NOW, fill
from console.app import create_app
from console.settings import ConsoleSettings

PAGES = [
    "/",
    "/?show=asked",
    "/?q=model",
    "/models/model-000",
    "/models/model-000/{last}",
    "/channel",
    "/channel?model=model-000",
    "/policies",
    "/policies/bench",
    "/deliveries",
    "/deliveries?model=model-000",
    "/audit",
    "/audit?model=model-000",
    "/audit.csv",
]
POLICY = """\
policy: bench
models: ["model-*"]
transitions: [{from: staging, to: production, gates: [{logged_metric: val_rmse, max: 5.0}], approvals: 1}]
"""


@contextmanager
def counted(engine):
    asked = []

    def count(_connection, _cursor, statement, *_):
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    yield asked
    event.remove(engine, "before_cursor_execute", count)


@pytest.fixture(scope="module")
def asked(tmp_path_factory, migrated_file):
    """By page, how many questions a small and a large ledger were asked, by somebody who may act."""
    return {
        size: _asked(tmp_path_factory.mktemp(f"of-{size}"), migrated_file, *size)
        for size in [(1, 2), (12, 45)]
    }


def _asked(folder, empty, models, versions):
    import shutil

    from ledger.engine import open_ledger

    shutil.copy(empty, folder / "ledger.db")
    (folder / "policies").mkdir()
    (folder / "policies" / "bench.yaml").write_text(POLICY)
    engine = open_ledger(f"sqlite:///{folder / 'ledger.db'}")
    fill(engine, models, versions)
    client = create_app(
        engine, ConsoleSettings(policies=folder / "policies"), clock=lambda: NOW
    ).test_client()
    found = {}
    for page in PAGES:
        with counted(engine) as questions:
            answer = client.get(page.format(last=versions))
            assert answer.status_code == 200
            assert answer.get_data()
        found[page] = len([one for one in questions if one.lstrip().lower().startswith("select")])
    engine.dispose()
    return found


@pytest.mark.parametrize("page", PAGES)
def test_no_page_asks_once_a_row(asked, page):
    small, large = asked.values()
    assert large[page] <= small[page] + 2
    assert large[page] <= 30
