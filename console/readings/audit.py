"""The audit page: every entry of everything, filtered, a page at a time; and as a file, all of it."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ledger.history import Kind
from ledger.trail import KINDS, Chosen, Line, newest
from registry.words import Value

PAGE = 100
_CURSOR = re.compile(r"([a-z]+)([0-9]{1,18})")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs what begins with one of these."""


class AuditLine(Value):
    """One entry of the trail."""

    kind: Kind
    id: int
    at: datetime
    model: str
    version: int | None
    outcome: str
    sentence: str
    policy_digest: str
    evidence_digest: str


class Audit(Value):
    """A page of the trail, newest first; `older` is what `before` asks for the next page."""

    lines: tuple[AuditLine, ...]
    older: str | None
    newest: bool


def audit(session: Session, chosen: Chosen, *, before: str = "") -> Audit:
    """The entries that were chosen, from a place on that an earlier page told."""
    below = {kind: int(number) for kind, number in _CURSOR.findall(before) if kind in KINDS}
    lines, older = newest(session, chosen, below=below, limit=PAGE)
    place = ".".join(f"{kind}{number}" for kind, number in older.items())
    return Audit(lines=tuple(map(line_of, lines)), older=place or None, newest=not below)


def line_of(line: Line) -> AuditLine:
    """A line of the trail as a value that knows its JSON."""
    entry = line.entry
    return AuditLine(
        kind=entry.kind,
        id=line.id,
        at=entry.at,
        model=entry.model,
        version=entry.version,
        outcome=entry.outcome,
        sentence=entry.sentence,
        policy_digest=line.policy_digest,
        evidence_digest=line.evidence_digest,
    )


def days(since: date | None, until: date | None) -> tuple[datetime | None, datetime | None]:
    """Two days, both of them meant as a whole, in UTC."""
    first = datetime(since.year, since.month, since.day, tzinfo=UTC) if since else None
    # The last day of the calendar has none after it.
    if until is None or until == date.max:
        return first, None
    return first, datetime(until.year, until.month, until.day, tzinfo=UTC) + timedelta(days=1)


def as_json_lines(lines: Iterable[Line]) -> Iterator[str]:
    """One JSON object a line."""
    for line in lines:
        yield f"{json.dumps(line_of(line).model_dump(mode='json'), ensure_ascii=False)}\n"


def as_csv(lines: Iterable[Line]) -> Iterator[str]:
    """A table with a head, in which nothing is a formula."""
    yield _row(AuditLine.model_fields)
    for line in lines:
        yield _row(line_of(line).model_dump(mode="json").values())


def _row(cells: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(["" if cell is None else _plain(str(cell)) for cell in cells])
    return out.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
