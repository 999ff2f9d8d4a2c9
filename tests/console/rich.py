"""A ledger as a team has it after some months: promotions, a rollback, a bypass, and a candidate with a report."""

from datetime import UTC, datetime, timedelta

from ledger import actions, approvals, inbox, judgements, outbox, reports, sightings, work
from ledger.engine import writing
from ledger.policy_files import Good, put_in_force
from notifications.render import render
from policies.evidence.comparison import Comparison
from policies.evidence.evidence import Evidence
from policies.evidence.measurement import Measurement
from policies.verdicts import (
    Answer,
    Approval,
    Decision,
    Evaluation,
    Outcome,
    Step,
    Transition,
    Verdict,
    Vote,
)
from registry.events import EventKind, RegistryEvent
from registry.words import Stage, VersionFacts
from tests.validation.reports import made
from validation.reports.drawn import draw
from validation.reports.page import page

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
UP = Transition(from_stage=Stage.STAGING, to_stage=Stage.PRODUCTION)
BACK = Transition(from_stage=Stage.ARCHIVED, to_stage=Stage.PRODUCTION)
LAST = 12


def before(**ago):
    return NOW - timedelta(**ago)


def furnish(engine, name="taxi-fare"):
    """Twelve versions; the last waits for two groups, with a report."""
    days = {version: 130 - 10 * version for version in range(1, LAST)}
    with writing(engine) as session:
        for version, ago in days.items():
            tell(session, name, version, EventKind.VERSION_CREATED, at=before(days=ago + 1))
            move(
                session, name, version, Stage.NONE, Stage.STAGING, at=before(days=ago, hours=6), by="trainer"
            )
            judge(session, name, version, good=version % 3 != 2, at=before(days=ago))
        # The seventh was rolled back to the fourth, which somebody replaced by hand with the ninth.
        restore(session, name, 4, out=7, at=before(days=days[7] - 4))
        move(session, name, 9, Stage.ARCHIVED, Stage.PRODUCTION, at=before(days=25), by="bob", ours=False)
        move(session, name, 10, Stage.PRODUCTION, Stage.ARCHIVED, at=before(days=25), by="bob", ours=False)
        restore(session, name, 4, out=9, at=before(days=24))
        live = {4: Stage.PRODUCTION}
        for version in days:
            see(session, name, version, live.get(version, Stage.ARCHIVED))
        ask(session, name)
        waiting(session)


def waiting(session):
    """Other models: one in trouble, one held, one that nobody judged, and one with nothing but a name."""
    see(session, "demand-forecast", 3, Stage.STAGING)
    held = Decision(
        answer=Answer.HOLD, reasons=("freeze 'weekend' until Mon 23 Nov 2026 09:00 America/New_York",)
    )
    record(session, "demand-forecast", 3, (), held, at=before(hours=20))
    see(session, "tips", 1, Stage.NONE)
    work.ring(session, "tips", 1, before(minutes=3))
    claim = work.claim(session, before(minutes=3))
    work.postpone(
        session, claim, before(minutes=2), "the hold-out at s3://lake/tips cannot be read: access denied"
    )
    see(session, "مدينة-نيويورك-🚕", 1, Stage.PRODUCTION)


def ask(session, name):
    """A candidate with all that validation finds, votes of two and of an earlier evidence, and its page."""
    found = made.of_fares(1_500)
    evidence = found.evidence.model_copy(
        update={
            "candidate": facts(name, LAST, lr="0.0007", layers="256-128-64", dropout="0.1"),
            "champion": facts(name, 4, lr="0.001", layers="128-64", dropout="0.1"),
        }
    )
    judgements.keep_evidence(session, evidence, inputs=f"{name} {LAST}", now=before(minutes=40))
    evaluation = found.evaluation.model_copy(update={"evidence_digest": evidence.digest()})
    text = made.FARES.replace("policy: taxi-fare", "policy: taxi-fare\nowners: [pricing]")
    judgements.keep_policy(session, digest=evaluation.policy_digest, name=evaluation.policy, text=text)
    put_in_force(
        session, "taxi-fare/policy.yaml", Good(evaluation.policy_digest, evaluation.policy, text), now=NOW
    )
    decision = Decision(
        answer=Answer.ASK,
        reasons=("7 of 8 gates passed", "waiting for approval by pricing (1), risk (1)"),
        missing_approvals=2,
        asked=("pricing (1)", "risk (1)"),
        until=NOW + timedelta(days=2, hours=4),
    )
    judged = judgements.record(
        session, name, LAST, (evaluation, decision), product="0.1.0", now=before(minutes=38)
    )
    see(session, name, LAST, Stage.STAGING)
    tell(session, name, LAST, EventKind.VERSION_CREATED, at=before(hours=2))
    reports.keep_sketch(session, evidence.digest(), found.sketch.model_dump_json(), NOW)
    reports.want(session, judged, NOW)
    wanted = reports.claim(session, NOW)
    reports.keep_page(session, wanted, page(found, draw(found)), None)
    reports.mark_logged(session, wanted)
    message = render(
        decision,
        evaluation,
        evidence.candidate,
        evidence.champion,
        console_url="http://g",
        channel="#pricing",
    )
    outbox.enqueue(
        session, outbox.Draft(message.key, name, LAST, message.model_dump_json()), via="log", now=NOW
    )
    for reviewer, digest, said in [
        ("ada", "e" * 64, "fine by me"),
        ("grace", evidence.digest(), "JFK is better, night is not worse 👍"),
    ]:
        vote = Approval(
            reviewer=reviewer, vote=Vote.APPROVE, comment=said, evidence_digest=digest,
            policy_digest=evaluation.policy_digest, at=before(minutes=30), route="console",
        )  # fmt: skip
        approvals.add(session, name, LAST, vote)


def facts(name, version, **params):
    return VersionFacts(
        name=name, version=version, source="m:/x", run_id=f"{version:032x}", authors=frozenset({"trainer"}),
        logged={"val_rmse": 5.2 - version / 20, "val_mae": 3.1}, params=params, tags={"git_commit": "4f2a91c"},
    )  # fmt: skip


def judge(session, name, version, *, good, at):
    rmse = 5.4 - version / 12 + (version % 3 == 2) * 0.9
    verdict = Verdict(
        gate="rmse at most 5.5", outcome=Outcome.PASS if good else Outcome.FAIL, value=rmse, bound=5.5, rows=9_000,
        sentence=f"rmse was {rmse:.2f}, at most 5.50 allowed, on 9,000 rows",
    )  # fmt: skip
    step = Step(kind="transition", target="Production", archive_existing=True)
    decision = (
        Decision(answer=Answer.PROMOTE, reasons=("1 of 1 gates passed", "approved by grace"), steps=(step,))
        if good
        else Decision(
            answer=Answer.REJECT,
            reasons=(verdict.sentence,),
            steps=(Step(kind="transition", target="Archived"),),
        )
    )
    done = record(session, name, version, (verdict,), decision, at=at, rmse=rmse)
    if good:
        out = {1: None, 9: 4}.get(version, version - 1 - ((version - 1) % 3 == 2))
        promote(session, name, version, done, at=at, out=out)


def promote(session, name, version, done, *, at, out):
    for action in actions.planned(session, done.id):
        actions.mark(session, action, "done", note="moved to Production", now=at + timedelta(seconds=2))
    move(session, name, version, Stage.STAGING, Stage.PRODUCTION, at=at + timedelta(seconds=1))
    if out is not None:
        move(session, name, out, Stage.PRODUCTION, Stage.ARCHIVED, at=at + timedelta(seconds=1))


def restore(session, name, version, *, at, out):
    step = Step(kind="transition", target="Production", archive_existing=True)
    decision = Decision(
        answer=Answer.PROMOTE, reasons=("the watch failed: rmse was 6.4, at most 6.0",), steps=(step,)
    )
    done = record(session, name, version, (), decision, at=at, transition=BACK)
    for action in actions.planned(session, done.id):
        actions.mark(session, action, "done", note="put back", now=at + timedelta(seconds=2))
    move(session, name, out, Stage.PRODUCTION, Stage.ARCHIVED, at=at)
    move(session, name, version, Stage.ARCHIVED, Stage.PRODUCTION, at=at + timedelta(seconds=1))


def record(session, name, version, verdicts, decision, *, at, rmse=None, transition=UP):
    findings = {}
    if rmse is not None:
        findings["rmse on holdout"] = Measurement(value=rmse, rows=9_000)
        findings["mae against champion on holdout"] = Comparison(candidate=rmse / 2, champion=2.6, rows=9_000)
    evidence = Evidence(candidate=facts(name, version), findings=findings, datasets={"holdout": "d" * 64})
    judgements.keep_evidence(session, evidence, inputs=f"{name} {version} {at}", now=at)
    judgements.keep_policy(session, digest="b" * 64, name="taxi-fare", text="policy: taxi-fare")
    evaluation = Evaluation(
        policy="taxi-fare",
        policy_digest="b" * 64,
        evidence_digest=evidence.digest(),
        transition=transition,
        verdicts=verdicts,
    )
    return judgements.record(session, name, version, (evaluation, decision), product="0.1.0", now=at)


def move(session, name, version, came, to, *, at, by="gatehouse", ours=True):
    event = RegistryEvent(
        kind=EventKind.STAGE_CHANGED, model=name, version=version, from_stage=came, to_stage=to,
        detail={"actor": by}, at=at,
    )  # fmt: skip
    ignored = inbox.OWN_WRITE if ours and by == "gatehouse" else None
    inbox.store_delivery(
        session, delivery_id=f"{name}-{version}-{at.timestamp()}", source="mlflow", body="{}", now=at
    )
    inbox.record_event(
        session,
        event,
        origin="webhook",
        now=at,
        ignored=ignored,
        delivery_id=f"{name}-{version}-{at.timestamp()}",
    )


def tell(session, name, version, kind, *, at):
    event = RegistryEvent(kind=kind, model=name, version=version, at=at)
    inbox.record_event(session, event, origin="sweep", now=at)


def see(session, name, version, stage):
    sightings.see(session, sightings.Sighting(name, version, stage, before(hours=1)))
