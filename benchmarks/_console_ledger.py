"""A ledger as it is after years, written in bulk: models with many versions, each judged and told of."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Engine, insert

from ledger.engine import writing
from ledger.tables import (
    ActionRow,
    ApprovalRow,
    DecisionRow,
    DeliveryRow,
    EventRow,
    EvidenceRow,
    HoldoutUseRow,
    MessageRow,
    PolicyRow,
    SightingRow,
)
from notifications.render import render
from policies.evidence.comparison import Comparison
from policies.evidence.evidence import Evidence
from policies.evidence.measurement import Measurement
from policies.verdicts import Answer, Approval, Decision, Evaluation, Outcome, Step, Transition, Verdict, Vote
from registry.events import EventKind, RegistryEvent
from registry.words import Stage, VersionFacts

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
POLICY = "a" * 64
GATES = 8
BATCH = 2_000
UP = Transition(from_stage=Stage.STAGING, to_stage=Stage.PRODUCTION)
Row = tuple[type[Any], dict[str, Any]]
ORDER = (
    PolicyRow,
    EvidenceRow,
    SightingRow,
    DeliveryRow,
    EventRow,
    DecisionRow,
    ApprovalRow,
    ActionRow,
    MessageRow,
    HoldoutUseRow,
)


def fill(ledger: Engine, models: int, versions: int) -> None:
    """`versions` of each of `models`; the last of every tenth model waits for approval."""
    names = [f"model-{number:03}" for number in range(models)]
    with writing(ledger) as session:
        session.execute(insert(PolicyRow), [{"digest": POLICY, "name": "bench", "text": "policy: bench"}])
    of = ((name, version) for version in range(1, versions + 1) for name in names)
    decision = 0
    while part := list(islice(of, BATCH)):
        rows: dict[type[Any], list[dict[str, Any]]] = {table: [] for table in ORDER}
        for name, version in part:
            decision += 1
            for table, row in _version(name, version, decision, versions):
                rows[table].append(row)
        with writing(ledger, lasting=False) as session:
            for table in ORDER:
                if rows[table]:
                    session.execute(insert(table), rows[table])


def _version(name: str, version: int, decision: int, versions: int) -> Iterator[Row]:
    at = NOW - timedelta(hours=versions - version, minutes=decision % 60)
    last = version == versions
    waits = last and int(name[-3:]) % 10 == 0
    good = version % 3 != 0 or last
    stage = Stage.STAGING if waits else Stage.PRODUCTION if version == versions - 1 else Stage.ARCHIVED
    yield SightingRow, {"model": name, "version": version, "stage": stage.value, "updated": at}
    evidence = _evidence(name, version)
    digest = evidence.digest()
    yield EvidenceRow, {"digest": digest, "inputs": digest, "evidence": evidence.model_dump_json(), "at": at}
    yield (
        HoldoutUseRow,
        {"digest": "d" * 64, "model": name, "version": version, "dataset": "holdout", "first": at},
    )
    yield from _events(name, version, at)
    said = _said(digest, good=good, waits=waits)
    yield DecisionRow, _decided(name, version, decision, said, at)
    yield from _follows(name, version, decision, said, at, evidence)


def _evidence(name: str, version: int) -> Evidence:
    facts = VersionFacts(
        name=name,
        version=version,
        source="runs:/r/model",
        run_id=f"{version:032x}",
        logged={"val_rmse": 4.0},
        params={f"parameter_{n}": str(n) for n in range(20)},
        authors=frozenset({"trainer"}),
    )
    findings = {
        "rmse on holdout": Measurement(value=4 + version % 7 / 10, rows=10_000),
        "mae against champion on holdout": Comparison(
            candidate=2.0, champion=2.1, rows=10_000, log_ratio=-0.05, se=0.01
        ),
    }
    return Evidence(candidate=facts, champion=facts, findings=findings, datasets={"holdout": "d" * 64})


def _events(name: str, version: int, at: datetime) -> Iterator[Row]:
    moves = [
        (Stage.NONE, Stage.STAGING),
        (Stage.STAGING, Stage.PRODUCTION),
        (Stage.PRODUCTION, Stage.ARCHIVED),
    ]
    for number, (came, to) in enumerate(moves):
        event = RegistryEvent(
            kind=EventKind.STAGE_CHANGED,
            model=name,
            version=version,
            from_stage=came,
            to_stage=to,
            at=at + timedelta(minutes=20 * number),
        )
        delivery = f"{name}-{version}-{number}"
        text = event.model_dump_json()
        yield DeliveryRow, {"id": delivery, "source": "mlflow", "body": text * 2, "received": at}
        yield (
            EventRow,
            {
                "delivery_id": delivery,
                "origin": "webhook",
                "model": name,
                "version": version,
                "kind": event.kind.value,
                "event": text,
                "ignored": None,
                "at": at,
            },
        )


def _said(digest: str, *, good: bool, waits: bool) -> tuple[Evaluation, Decision]:
    verdicts = tuple(
        Verdict(
            gate=f"gate {number}",
            outcome=Outcome.PASS if good else Outcome.FAIL,
            value=4.2,
            bound=5.0,
            rows=10_000,
            interval=(3.9, 4.5),
            sentence="rmse was 4.20, at most 5.00 allowed, with 95% confidence, on 10,000 rows",
        )
        for number in range(GATES)
    )
    evaluation = Evaluation(
        policy="bench", policy_digest=POLICY, evidence_digest=digest, transition=UP, verdicts=verdicts
    )
    if waits:
        asked = ("pricing (1)",)
        return evaluation, Decision(answer=Answer.ASK, reasons=("waiting for pricing (1)",), asked=asked)
    answer = Answer.PROMOTE if good else Answer.REJECT
    step = Step(kind="transition", target="Production" if good else "Archived", archive_existing=good)
    return evaluation, Decision(answer=answer, reasons=("8 of 8 gates passed",), steps=(step,))


def _decided(
    name: str, version: int, number: int, said: tuple[Evaluation, Decision], at: datetime
) -> dict[str, Any]:
    evaluation, decision = said
    return {
        "id": number,
        "model": name,
        "version": version,
        "answer": decision.answer.value,
        "policy_digest": POLICY,
        "evidence_digest": evaluation.evidence_digest,
        "evaluation": evaluation.model_dump_json(),
        "decision": decision.model_dump_json(),
        "product": "0",
        "at": at,
    }


def _follows(
    name: str, version: int, number: int, said: tuple[Evaluation, Decision], at: datetime, evidence: Evidence
) -> Iterator[Row]:
    evaluation, decision = said
    vote = Approval(
        reviewer="ada",
        vote=Vote.APPROVE,
        evidence_digest=evaluation.evidence_digest,
        policy_digest=POLICY,
        at=at,
    )
    yield ApprovalRow, {"model": name, "version": version, "approval": vote.model_dump_json(), "at": at}
    for step in decision.steps:
        yield (
            ActionRow,
            {
                "decision_id": number,
                "model": name,
                "version": version,
                "step": step.model_dump_json(),
                "state": "done",
                "note": "moved",
                "planned": at,
                "done": at,
            },
        )
    told = render(decision, evaluation, evidence.candidate, None, console_url="http://g", channel="#pricing")
    yield (
        MessageRow,
        {
            "key": f"{name}-{version}",
            "via": "log",
            "model": name,
            "version": version,
            "message": told.model_dump_json(),
            "state": "sent",
            "due": at,
            "attempts": 1,
            "at": at,
            "sent": at,
        },
    )
