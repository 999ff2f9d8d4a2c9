"""A ledger with a story on record, and the console over it."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from werkzeug.serving import make_server

from console.app import create_app
from console.roles import Role
from console.signin.entering import make_link
from ledger import actions, approvals, inbox, judgements, outbox, sightings
from ledger.engine import writing
from ledger.signin_links import Link
from ledger.tables import MessageRow
from notifications.message import Message
from notifications.render import render, render_unguarded
from policies.evidence.evidence import Evidence
from policies.verdicts import (
    Answer,
    Approval,
    Decision,
    Evaluation,
    Outcome,
    Severity,
    Step,
    Transition,
    Verdict,
    Vote,
)
from registry.events import EventKind, RegistryEvent
from registry.words import Stage, VersionFacts

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
POLICY = "a" * 64
TO_PRODUCTION = Transition(from_stage=Stage.STAGING, to_stage=Stage.PRODUCTION)
VERDICTS = (
    Verdict(
        gate="loads within 60s", outcome=Outcome.PASS, value=1.25, bound=60,
        sentence="it loaded and answered in 1.2 s",
    ),
    Verdict(
        gate="rmse at most 5", outcome=Outcome.PASS, value=4.2012, bound=5, rows=10_377,
        sentence="rmse was 4.20, at most 5.00 allowed, on 10,377 rows",
    ),
    Verdict(
        gate="mae against champion", outcome=Outcome.INCONCLUSIVE, value=2.11, bound=2.14, rows=10_377,
        sentence="mae cannot be told apart from the champion's; about 24,000 rows would settle it",
    ),
    Verdict(
        gate="size", outcome=Outcome.FAIL, value=61, bound=50, severity=Severity.WARN,
        sentence="the model has 61 MB, at most 50 MB wanted",
    ),
    Verdict(gate="drift", outcome=Outcome.ERROR, sentence="the training data is gone"),
    Verdict(gate="monotonic", outcome=Outcome.SKIP, sentence="there is no champion yet"),
)  # fmt: skip


def before(**ago: float) -> datetime:
    return NOW - timedelta(**ago)


def facts(name: str, version: int) -> VersionFacts:
    return VersionFacts(
        name=name, version=version, source=f"runs:/r{version}/model", run_id=f"r{version}",
        logged={"val_rmse": 4.2 + 1 / version}, authors=frozenset({"trainer"}),
    )  # fmt: skip


def see(session, name: str, version: int, stage: Stage) -> None:
    sightings.see(session, sightings.Sighting(name, version, stage, before(hours=1)))


def judge(
    session, name: str, version: int, decision: Decision, *, at: datetime, verdicts: tuple = VERDICTS
) -> judgements.Judgement:
    """Record a decision on a version, and tell #pricing of it."""
    evidence = Evidence(
        candidate=facts(name, version), champion=facts(name, 1), datasets={"holdout": "d" * 64}
    )
    judgements.keep_evidence(session, evidence, inputs=f"{name} {version}", now=at)
    judgements.keep_policy(session, digest=POLICY, name="taxi-fare", text="policy: taxi-fare")
    evaluation = Evaluation(
        policy="taxi-fare", policy_digest=POLICY, evidence_digest=evidence.digest(),
        transition=TO_PRODUCTION, verdicts=verdicts,
    )  # fmt: skip
    message = render(
        decision,
        evaluation,
        evidence.candidate,
        evidence.champion,
        console_url="http://g",
        channel="#pricing",
    )
    tell(session, message, at=at)
    return judgements.record(session, name, version, (evaluation, decision), product="0.1.0", now=at)


def furnish(engine: Engine, name: str = "taxi-fare") -> None:
    """Version 1 in Production, 2 rejected and archived, 3 waiting for approval, 4 not judged."""
    stages = {1: Stage.PRODUCTION, 2: Stage.ARCHIVED, 3: Stage.STAGING, 4: Stage.NONE}
    with writing(engine) as session:
        for version, stage in stages.items():
            see(session, name, version, stage)
            created = RegistryEvent(kind=EventKind.VERSION_CREATED, model=name, version=version)
            inbox.record_event(session, created, origin="webhook", now=before(hours=30 - version))
        first = Decision(
            answer=Answer.PROMOTE, reasons=("all required gates passed",), rubber_stamp=True,
            steps=(Step(kind="transition", target="Production", archive_existing=True),),
        )  # fmt: skip
        done = judge(session, name, 1, first, at=before(days=1), verdicts=VERDICTS[:2])
        for action in actions.planned(session, done.id):
            actions.mark(session, action, "done", note="moved to Production", now=before(hours=23.9))
        bad = Verdict(
            gate="rmse at most 5", outcome=Outcome.FAIL, value=9.31, bound=5, rows=10_377,
            sentence="rmse was 9.31, at most 5.00 allowed, on 10,377 rows",
        )  # fmt: skip
        rejected = Decision(
            answer=Answer.REJECT, reasons=(bad.sentence,), steps=(Step(kind="transition", target="Archived"),)
        )
        judge(session, name, 2, rejected, at=before(hours=5), verdicts=(VERDICTS[0], bad))
        asked = Decision(
            answer=Answer.ASK, reasons=("1 more approval is needed",), missing_approvals=1,
            asked=("pricing (1)",),
        )  # fmt: skip
        waiting = judge(session, name, 3, asked, at=before(minutes=12))
        vote(session, name, 3, waiting.evaluation.evidence_digest, reviewer="ann", comment="looks right")
        vote(session, name, 3, "e" * 64, reviewer="bob", comment="earlier evidence")
        told = render_unguarded(f"{name} copy", 1, console_url="http://g", channel="log")
        tell(session, told, at=before(seconds=20))
        left_alone = RegistryEvent(kind=EventKind.VERSION_CREATED, model=told.model, version=1)
        inbox.record_event(session, left_alone, origin="sweep", now=before(seconds=21))


def tell(session, message: Message, *, at: datetime) -> None:
    """On its way by log and Slack; the log has taken it."""
    draft = outbox.Draft(message.key, message.model, message.version, message.model_dump_json())
    for via in ("log", "slack"):
        outbox.enqueue(session, draft, via=via, now=at)
    sent = session.scalar(select(MessageRow).where(MessageRow.key == message.key, MessageRow.via == "log"))
    sent.state, sent.sent = "sent", at


def vote(session, name: str, version: int, digest: str, *, reviewer: str, comment: str) -> None:
    given = Approval(
        reviewer=reviewer, vote=Vote.APPROVE, comment=comment, evidence_digest=digest, policy_digest=POLICY,
        at=before(minutes=5),
    )  # fmt: skip
    approvals.add(session, name, version, given)


@pytest.fixture
def engine(ledger) -> Engine:
    return ledger


@pytest.fixture
def client(engine) -> FlaskClient:
    return create_app(engine, clock=lambda: NOW).test_client()


@pytest.fixture
def sign_in(engine):
    """Signs a browser in by a one-time link: `sign_in(client, "grace", role=Role.OPERATOR)`."""

    def enter(client: FlaskClient, name: str, role: Role = Role.VIEWER) -> None:
        url = make_link(engine, Link(name, role), console_url="http://g", now=NOW)
        sent = {"code": url.partition("#")[2], "csrf_token": form_token(client)}
        assert client.post("/signin", data=sent).status_code == 303

    return enter


@pytest.fixture
def sign_in_at(engine):
    """The same at a time of one's own clock."""

    def enter(client: FlaskClient, name: str, role: Role, now: datetime) -> None:
        url = make_link(engine, Link(name, role), console_url="http://g", now=now)
        sent = {"code": url.partition("#")[2], "csrf_token": form_token(client)}
        assert client.post("/signin", data=sent).status_code == 303

    return enter


def form_token(client: FlaskClient) -> str:
    """What a form of ours carries to be known as ours."""
    page = client.get("/signin").get_data(as_text=True)
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


@pytest.fixture
def served(engine) -> Iterator[str]:
    """The address of the console on a real server."""
    server = make_server("127.0.0.1", 0, create_app(engine, clock=lambda: NOW), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def story() -> SimpleNamespace:
    """The tellers above: tests cannot import a conftest by name."""
    return SimpleNamespace(
        NOW=NOW,
        VERDICTS=VERDICTS,
        before=before,
        furnish=furnish,
        judge=judge,
        see=see,
        tell=tell,
        form_token=form_token,
    )
