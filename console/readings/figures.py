"""Figures of a model over its versions: what was measured by us, and what runs logged."""

import json
import math
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from console.readings.decided import newest
from ledger.tables import DecisionRow, EvidenceRow
from policies.verdicts import Answer
from registry.words import Value

VERSIONS = 60
"""The newest that were judged."""
LOGGED = "logged by the run"
MEASURED = {"measurement": "value", "comparison": "candidate"}
"""The kinds of findings that hold a metric of the candidate, and where."""


class Point(Value):
    """One version's figure, and what was decided of it."""

    version: int
    value: float
    answer: Answer


class Series(Value):
    """One metric over versions, oldest first."""

    name: str
    points: tuple[Point, ...]


def series(session: Session, model: str) -> tuple[Series, ...]:
    """Every metric of the newest versions; what was measured by us comes first."""
    rows = session.execute(
        select(DecisionRow.version, DecisionRow.answer, EvidenceRow.evidence)
        .join(EvidenceRow, DecisionRow.evidence_digest == EvidenceRow.digest)
        .where(DecisionRow.model == model, newest(DecisionRow.model == model))
        .order_by(DecisionRow.version.desc())
        .limit(VERSIONS)
    )
    found: dict[str, list[Point]] = {}
    for version, answer, text in reversed(rows.all()):
        for name, value in _figures(json.loads(text)):
            point = Point(version=version, value=value, answer=Answer(answer))
            found.setdefault(name, []).append(point)
    names = sorted(found, key=lambda name: (LOGGED in name, -len(found[name]), name))
    return tuple(Series(name=name, points=tuple(found[name])) for name in names)


def _figures(evidence: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Finite figures; whatever else a finding holds is not drawn."""
    told: dict[str, Any] = {}
    for key, finding in evidence.get("findings", {}).items():
        if finding.get("kind") in MEASURED:
            told[key.replace(" against champion", "")] = finding.get(MEASURED[finding["kind"]])
    for key, value in evidence["candidate"].get("logged", {}).items():
        told[f"{key}, {LOGGED}"] = value
    for name, value in told.items():
        if isinstance(value, int | float) and math.isfinite(value):
            yield name, float(value)
