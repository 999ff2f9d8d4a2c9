"""What follows from a change of stage that is told: once, whoever tells it first, and whose move it was."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ledger import inbox, judgements, sightings, work
from ledger.engine import reading, writing
from ledger.history import timeline
from ledger.inbox import Delivery
from ledger.sightings import Sighting
from ledger.tables import WorkRow
from policies.evidence.evidence import Evidence
from policies.verdicts import Answer, Decision, Evaluation, Step, Transition
from registry.events import EventKind, RegistryEvent
from registry.words import Stage, VersionFacts
from tests.databases import ON_BOTH
from tests.webhooks.senders import NOW, post, recorded
from webhooks import mlflow_dialect
from webhooks.replay import replay
from webhooks.take import Incoming, Intake

pytestmark = pytest.mark.parametrize("database", ON_BOTH, indirect=True)

FARE = "taxi-fare"
EARLIER, LATER = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)
STAGED = "model_version.stage_changed"


def see(ledger, stage, at, version=2):
    with writing(ledger) as session:
        sightings.see(session, Sighting(FARE, version, stage, at, tags={"owner": "ada"}))


def seen(ledger, version=2):
    with reading(ledger) as session:
        return sightings.of_version(session, FARE, version)


def work_for(ledger):
    with reading(ledger) as session:
        return sorted(session.scalars(select(WorkRow.version)))


def plan_promotion(ledger):
    """A promotion of version 2 by the gate, written down and not seen done yet."""
    evidence = Evidence(candidate=VersionFacts(name=FARE, version=2, source="s3://models/fare"))
    evaluation = Evaluation(
        policy="taxi", policy_digest="p", evidence_digest=evidence.digest(), verdicts=(),
        transition=Transition(from_stage=Stage.STAGING, to_stage=Stage.PRODUCTION),
    )  # fmt: skip
    step = Step(kind="transition", target=Stage.PRODUCTION, archive_existing=True)
    decision = Decision(answer=Answer.PROMOTE, reasons=("all gates passed",), steps=(step,))
    with writing(ledger) as session:
        judgements.keep_policy(session, digest="p", name="taxi", text="")
        judgements.keep_evidence(session, evidence, inputs="i", now=NOW)
        judgements.record(session, FARE, 2, (evaluation, decision), product="test", now=NOW)


def tell(client, name=STAGED, delivery="d-1", **data):
    told = json.loads(recorded("gatehouse", name))
    at = data.pop("at", NOW)
    told["data"].update(data)
    told["timestamp"] = at.isoformat()
    return post(client, "gatehouse", json.dumps(told).encode(), delivery=delivery).json["status"]


def test_a_move_is_recorded_seen_and_looked_at(client, ledger, events, bell):
    see(ledger, Stage.STAGING, EARLIER)
    assert tell(client) == "accepted"
    [kept] = events()
    assert (kept.event.kind, kept.event.detail, kept.ignored) == (
        EventKind.STAGE_CHANGED,
        {"actor": "ada"},
        None,
    )
    assert (seen(ledger).stage, seen(ledger).updated) == (Stage.PRODUCTION, NOW)
    assert seen(ledger).tags == {"owner": "ada"}
    assert (work_for(ledger), bell.rings) == ([2], 1)


def test_a_version_that_was_never_seen_is_seen_now(client, ledger):
    assert tell(client) == "accepted"
    assert seen(ledger).stage is Stage.PRODUCTION


def test_our_own_move_comes_back_and_is_known_as_ours(client, ledger, events):
    see(ledger, Stage.STAGING, EARLIER)
    plan_promotion(ledger)
    assert tell(client) == "ignored"
    assert events()[0].ignored == "Gatehouse's own write"
    assert seen(ledger).stage is Stage.PRODUCTION


def test_the_champion_that_our_promotion_archived_is_ours_too(client, ledger, events):
    see(ledger, Stage.PRODUCTION, EARLIER, version=1)
    plan_promotion(ledger)
    tell(client, version="1", from_stage="Production", to_stage="Archived")
    assert events()[0].ignored == "Gatehouse's own write"


def test_what_the_sweep_saw_first_is_told_again_and_nobodys_move(client, ledger, events):
    see(ledger, Stage.PRODUCTION, NOW)
    with writing(ledger) as session:
        move = RegistryEvent(kind=EventKind.STAGE_CHANGED, model=FARE, version=2, to_stage=Stage.PRODUCTION)
        inbox.record_event(session, move, origin="sweep", now=NOW)
    assert tell(client) == "ignored"
    swept, told = events()
    assert (told.event.kind, told.ignored) == (EventKind.STAGE_RETOLD, "it was known to be in Production")
    with reading(ledger) as session:
        assert inbox.last_move(session, FARE, 2).id == swept.id
    assert work_for(ledger) == []


def test_an_own_move_that_the_sweep_saw_first_is_not_taken_for_somebody_elses(client, ledger, events):
    plan_promotion(ledger)
    see(ledger, Stage.PRODUCTION, NOW)
    assert tell(client) == "ignored"
    assert events()[0].event.kind is EventKind.STAGE_RETOLD


def test_a_move_told_late_changes_nothing(client, ledger, events):
    see(ledger, Stage.ARCHIVED, LATER)
    assert tell(client) == "ignored"
    assert events()[0].ignored == "a later change is known"
    assert seen(ledger).stage is Stage.ARCHIVED


def test_moves_back_and_forth_are_each_a_move(client, ledger, events):
    see(ledger, Stage.STAGING, EARLIER)
    for number, (here, there) in enumerate([("Staging", "Production"), ("Production", "Staging")] * 2):
        at = NOW + timedelta(seconds=number)
        assert tell(client, delivery=f"d-{number}", from_stage=here, to_stage=there, at=at) == "accepted"
    assert {kept.event.kind for kept in events()} == {EventKind.STAGE_CHANGED}
    assert seen(ledger).stage is Stage.STAGING


def test_two_events_of_one_move_are_one_move(client, ledger, events):
    for name in ("MODEL_VERSION_TRANSITIONED_TO_STAGING", "MODEL_VERSION_TRANSITIONED_STAGE"):
        post(client, "databricks", recorded("databricks", name))
    assert [kept.event.kind for kept in events()] == [EventKind.STAGE_CHANGED, EventKind.STAGE_RETOLD]


def test_a_move_without_a_time_does_not_hide_later_ones(client, ledger):
    see(ledger, Stage.NONE, EARLIER)
    body = json.loads(recorded("databricks", "MODEL_VERSION_TRANSITIONED_STAGE"))
    del body["event_timestamp"]
    post(client, "databricks", json.dumps(body).encode())
    assert (seen(ledger).stage, seen(ledger).updated) == (Stage.STAGING, EARLIER)


def test_a_deletion_is_recorded_once_and_no_longer_seen(client, ledger, events):
    see(ledger, Stage.ARCHIVED, EARLIER)
    assert tell(client, "model_version.deleted", delivery="a") == "accepted"
    assert seen(ledger) is None
    assert tell(client, "model_version.deleted", delivery="b") == "ignored"
    assert [kept.ignored for kept in events()] == [None, "it was known to be deleted"]


def test_where_a_champion_was_deleted_whoever_waits_is_looked_at(client, ledger):
    see(ledger, Stage.PRODUCTION, EARLIER)
    see(ledger, Stage.STAGING, EARLIER, version=3)
    tell(client, "model_version.deleted", from_stage="Production")
    assert work_for(ledger) == [3]


def test_what_the_plug_in_says_of_a_workspace_is_of_that_workspace(client, ledger, events):
    tell(client, workspace="team-a")
    assert events()[0].event.model == "team-a/taxi-fare"
    assert seen(ledger) is None


def test_what_mlflow_says_of_a_workspace_is_looked_at_in_all_that_are_guarded(ledger, events):
    """Its cache can label one workspace's event as another's."""
    body = recorded("mlflow", "model_version.created_in_a_workspace")
    delivery = Delivery("d", "mlflow", body.decode(), NOW)
    Intake(ledger, ("default", "team-a")).take(Incoming(delivery, mlflow_dialect.parse(body)))
    assert events()[0].event.detail["workspace"] == "default"
    with reading(ledger) as session:
        rung = session.execute(select(WorkRow.model, WorkRow.version)).all()
    assert sorted(rung) == [("taxi-fare", 1), ("team-a/taxi-fare", 1)]


@pytest.mark.parametrize("times", [1, 3])
def test_a_replay_asks_for_a_look_and_changes_nothing_else(client, ledger, events, times):
    see(ledger, Stage.STAGING, EARLIER)
    tell(client)
    with writing(ledger) as session:
        work.finish(session, work.claim(session, NOW), NOW)
    see(ledger, Stage.ARCHIVED, LATER)
    body = json.dumps(json.loads(recorded("gatehouse", STAGED))).encode().decode()
    for _ in range(times):
        assert replay(ledger, Delivery("gatehouse:d-1", "gatehouse", body, NOW), LATER) == "accepted"
    first, *again = events()
    assert {(kept.origin, kept.event.kind) for kept in again} == {("replay", EventKind.STAGE_RETOLD)}
    assert seen(ledger).stage is Stage.ARCHIVED
    assert work_for(ledger) == [2]
    with reading(ledger) as session:
        assert inbox.last_move(session, FARE, 2).id == first.id
        assert session.scalar(select(func.count()).select_from(WorkRow)) == 1


def test_the_timeline_tells_these_in_words(client, ledger):
    see(ledger, Stage.PRODUCTION, NOW)
    tell(client)
    post(client, "databricks", recorded("databricks", "TRANSITION_REQUEST_CREATED"))
    with reading(ledger) as session:
        said = [entry.sentence for entry in timeline(session, FARE)]
    assert said == [
        "told again that it was moved to Production by ada (told by gatehouse webhook); ignored: it was known to be in Production",
        "asked to be moved to Production: ada@example.org requested Production for version 2 (told by databricks webhook)",
    ]
