"""What can be a ledger, and what is said of what cannot."""

import random
import socket

import pytest
from sqlalchemy import text

from ledger import inbox
from ledger.engine import open_ledger, reading, writing
from ledger.errors import LedgerCollision, LedgerInvalid, LedgerRefused, LedgerUnavailable
from ledger.inbox import Delivery
from ledger.migrate import check


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerRefused, match="folder cannot be made"):
        open_ledger(f"sqlite:///{tmp_path}/file/ledger.db")


@pytest.mark.parametrize("address", ["not a url", "mysql+pymysql://u:p@h/d", "nosuch://h/d"])
def test_what_is_no_address_of_a_ledger_is_refused(address):
    with pytest.raises(LedgerRefused):
        open_ledger(address)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_postgresql_address_is_spoken_to_by_psycopg_3(scheme):
    assert open_ledger(f"{scheme}://u:p@h/d").url.drivername == "postgresql+psycopg"


def nobodys_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def read(engine):
    with reading(engine) as session:
        session.execute(text("select 1"))


@pytest.mark.parametrize("ask", [check, read])
def test_a_server_that_is_away_is_worth_another_try_and_its_password_is_not_told(ask):
    with pytest.raises(LedgerUnavailable) as told:
        ask(open_ledger(f"postgresql://u:secret@127.0.0.1:{nobodys_port()}/d"))
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.docker
def test_a_connection_that_the_server_cut_is_replaced(ledger):
    read(ledger)
    with pytest.raises(LedgerUnavailable), writing(ledger) as session:
        session.execute(text("select pg_terminate_backend(pg_backend_pid())"))
    read(ledger)


def fail_halfway(ledger, now):
    with writing(ledger) as session:
        inbox.store_deliveries(session, [Delivery("a", "mlflow", "{}", now)])
        session.execute(text("select * from no_such_table"))


def test_nothing_is_kept_of_a_transaction_that_fails(ledger, now):
    with pytest.raises(LedgerUnavailable):
        fail_halfway(ledger, now)
    with reading(ledger) as session:
        assert session.scalar(text("select count(*) from deliveries")) == 0


def test_a_reader_sees_one_moment_and_does_not_block_a_writer(ledger, now):
    with reading(ledger) as session:
        before = session.scalar(text("select count(*) from deliveries"))
        with writing(ledger) as other:
            inbox.store_deliveries(other, [Delivery("a", "mlflow", "{}", now)])
        assert session.scalar(text("select count(*) from deliveries")) == before


@pytest.mark.parametrize(
    ("database", "unfit"),
    [
        pytest.param("sqlite", "\ud800", id="half a character, sqlite"),
        pytest.param("postgres", "\ud800", id="half a character, postgres", marks=pytest.mark.docker),
        # SQLite keeps a NUL.
        pytest.param("postgres", "a\0b", id="NUL, postgres", marks=pytest.mark.docker),
    ],
    indirect=["database"],
)
def test_a_text_that_the_database_cannot_keep_is_told_from_an_outage(ledger, now, unfit):
    with pytest.raises(LedgerInvalid), writing(ledger) as session:
        inbox.store_deliveries(session, [Delivery(unfit, "mlflow", "{}", now)])


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.docker
def test_what_two_insert_at_once_is_a_collision_worth_another_try_at_once(ledger):
    same = text("insert into locks (model, holder, until) values ('fare', 'ada', now())")
    with writing(ledger) as session:
        session.execute(same)
    with pytest.raises(LedgerCollision), writing(ledger) as session:
        session.execute(same)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.docker
def test_a_name_too_long_for_an_index_is_refused_for_good(ledger, now):
    name = "".join(map(chr, random.Random(0).choices(range(0x4E00, 0x9000), k=2000)))
    with pytest.raises(LedgerInvalid), writing(ledger) as session:
        inbox.store_deliveries(session, [Delivery(name, "mlflow", "{}", now)])


@pytest.mark.parametrize(
    ("database", "ask", "answers"),
    [
        pytest.param("sqlite", "pragma synchronous", (2, 1, 2), id="sqlite"),
        pytest.param(
            "postgres",
            "show synchronous_commit",
            ("on", "off", "on"),
            id="postgres",
            marks=pytest.mark.docker,
        ),
    ],
    indirect=["database"],
)
def test_only_what_need_not_last_does_not_wait_for_the_disk(ledger, ask, answers):
    said = []
    for lasting in (True, False, True):
        with writing(ledger, lasting=lasting) as session:
            said.append(session.scalar(text(ask)))
    assert tuple(said) == answers
