"""The scripts make exactly the tables that the code knows."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from ledger import chat_tables, retraining_tables, signin_tables  # noqa: F401 their tables are then among the metadata
from ledger.engine import open_ledger
from ledger.errors import LedgerRefused
from ledger.migrate import HEAD, alembic_config, check, upgrade
from ledger.tables import Table

UPGRADE = """
import sys
from ledger.engine import open_ledger
from ledger.migrate import upgrade
upgrade(open_ledger(sys.argv[1]))
"""


def test_the_migrations_make_the_tables_of_the_code(ledger):
    with ledger.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
    check(ledger)


def test_the_head_in_the_code_is_the_last_script():
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_a_ledger_that_was_never_set_up_is_refused_with_what_to_do(empty_url):
    engine = open_ledger(empty_url)
    with pytest.raises(LedgerRefused, match="gatehouse ledger upgrade"):
        check(engine)
    engine.dispose()


def test_doing_it_twice_does_nothing(ledger):
    upgrade(ledger)
    check(ledger)


def test_of_several_processes_that_upgrade_at_once_one_does_and_all_find_it_done(empty_url):
    words = [sys.executable, "-c", UPGRADE, empty_url]
    running = [subprocess.Popen(words, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    ended = [(each.communicate()[1], each.returncode) for each in running]
    assert [code for _, code in ended] == [0, 0, 0], ended
    engine = open_ledger(empty_url)
    check(engine)
    engine.dispose()


@pytest.mark.parametrize("call", [check, upgrade])
def test_a_ledger_of_a_newer_product_is_refused_and_left_alone(ledger, call):
    with ledger.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(LedgerRefused, match="newer Gatehouse"):
        call(ledger)
    with ledger.connect() as connection:
        assert connection.execute(text("select version_num from alembic_version")).scalar() == "9999"
