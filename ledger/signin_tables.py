"""The tables of who is signed in at the console, and of API tokens: secrets are kept as digests only."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from ledger.tables import Table


class SessionRow(Table):
    """Somebody who is signed in at the console, by the digest of their cookie."""

    __tablename__ = "sessions"
    digest: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    way: Mapped[str]
    roles: Mapped[str]
    groups: Mapped[str]
    started: Mapped[datetime]
    until: Mapped[datetime]
    asked: Mapped[datetime]
    checked: Mapped[datetime]
    vouched: Mapped[str | None]


class SigninLinkRow(Table):
    """A one-time link that nobody used yet, by the digest of its secret."""

    __tablename__ = "signin_links"
    digest: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    role: Mapped[str]
    until: Mapped[datetime]


class TokenRow(Table):
    """An API token: known by its number, proved by the digest of its secret."""

    __tablename__ = "tokens"
    id: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    person: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    note: Mapped[str]
    scopes: Mapped[str]
    made: Mapped[datetime]
    made_by: Mapped[str]
    until: Mapped[datetime]
    revoked: Mapped[datetime | None]


class SigninRow(Table):
    """One line of the record of sign-ins, sign-outs and tokens."""

    __tablename__ = "signins"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    name: Mapped[str]
    way: Mapped[str]
    what: Mapped[str]
    detail: Mapped[str]
