"""Reports after judgements: made from what is kept, logged to the run once, and never at a verdict's cost."""

import json

import pytest
from pydantic import ValidationError

from ledger import judgements, reports, work
from ledger.engine import reading, writing
from ledger.tables import ReportRow, SketchRow
from policies.evidence.measurement import MetricNeed
from policies.verdicts import Answer, Vote
from registry.memory import Seed
from registry.words import Stage
from tests.reviewing import vote
from tests.validation.conftest import SIGNATURE, frame_of, write_bare_model
from tests.workers.judging import BAD, GOOD, approve, latest, ring, run, stages
from validation.answers import Run
from validation.measuring.scores import Scores
from workers.gather import _sketched
from workers.queue import REPORT
from workers.report import report
from workers.sweep import sweep

FARES = """\
policy: fares
models: [fare]
datasets:
  holdout: {uri: "HOLDOUT", target: fare, slices: {far: "distance >= 10"}}
transitions:
  - from: staging
    to: production
    gates:
      - {metric: rmse, max: 5}
      - {metric: rmse, slices: {max: {default: 8}, min_rows: 5}}
    approvals: 1
    on_pass: [{transition: production}]
"""


@pytest.fixture
def measured(keeper, registry, policies, tmp_path):
    """Version 1 of fare, in Staging, with a model that can be run and rows to run it on."""
    frame = frame_of(200)
    frame.assign(fare=2.5 + 1.5 * frame["distance"] + frame["hour"] % 1).to_csv(
        tmp_path / "h.csv", index=False
    )
    (policies / "fares.yaml").write_text(FARES.replace("HOLDOUT", str(tmp_path / "h.csv")))
    made = write_bare_model(tmp_path / "model", "return 2.5 + 1.5 * data['distance']")
    files = {str(path.relative_to(made)): path.read_bytes() for path in made.rglob("*") if path.is_file()}
    registry.register(
        "fare", Seed(files=files, signature=SIGNATURE, run_id="run", authors=frozenset({"ada"}))
    )
    registry.transition("fare", 1, Stage.STAGING)
    ring(keeper, "fare", 1)
    run(keeper)
    return registry.version("fare", 1)


def kept(keeper, model="plain", version=1):
    with reading(keeper.ledger) as session:
        return reports.kept(session, judgements.latest(session, model, version).evaluation)


def judged(keeper, registry, seed=GOOD, **more):
    registry.register("plain", seed.model_copy(update={"run_id": "run", **more}))
    registry.transition("plain", 1, Stage.STAGING)
    ring(keeper, "plain", 1)
    run(keeper)
    return registry.version("plain", 1)


def test_page_pictures_and_figures_stand_in_the_run(keeper, registry, measured):
    assert kept(keeper, "fare") == reports.Kept(made=False, state="waiting", problem=None)
    assert report(keeper)
    assert kept(keeper, "fare") == reports.Kept(made=True, state="logged", problem=None)
    told = registry.metrics_of_run(measured)
    assert 0 < told["gatehouse.rmse"] < 1
    assert told["gatehouse.rmse.slice.far"] > 0
    html = registry.run_file(measured, "gatehouse/fare-1/report.html", 10**7).decode()
    assert "Predicted against actual fare, candidate" in html
    assert registry.run_file(measured, "gatehouse/fare-1/data-1-errors.png", 10**7).startswith(b"\x89PNG")
    with reading(keeper.ledger) as session:
        assert reports.page_of(session, judgements.latest(session, "fare", 1).evaluation) == html


def test_what_is_logged_is_no_news_and_voids_no_approval(keeper, registry, measured):
    before = latest(keeper, 1, "fare")
    vote(
        keeper.ledger, keeper.policies(), model="fare", version=1,
        approval=("grace", Vote.APPROVE, ""), now=keeper.now(),
    )  # fmt: skip
    sweep(keeper, 50)
    report(keeper)
    assert sweep(keeper, 50) == 0
    run(keeper)
    after = latest(keeper, 1, "fare")
    assert after.decision.answer is Answer.PROMOTE
    assert after.evaluation.evidence_digest == before.evaluation.evidence_digest
    assert stages(registry, "fare") == {1: Stage.PRODUCTION}


def test_it_is_made_once_however_often_the_version_is_looked_at(keeper, registry):
    judged(keeper, registry)
    assert report(keeper)
    ring(keeper, "plain", 1)
    run(keeper)
    assert not report(keeper)


def test_it_is_made_without_the_model_and_its_data(keeper, registry, measured, tmp_path):
    registry.lose_files("fare", 1)
    (tmp_path / "h.csv").unlink()
    assert report(keeper)
    assert kept(keeper, "fare").state == "logged"


def test_of_a_version_without_data_it_shows_the_gates(keeper, registry):
    version = judged(keeper, registry, BAD)
    report(keeper)
    assert "val_rmse was 9.00" in registry.run_file(version, "gatehouse/plain-1/report.html", 10**6).decode()


def test_an_outage_is_tried_again(keeper, registry, clock, rung, caplog):
    judged(keeper, registry)
    registry.outage = "the registry is away"
    assert report(keeper)
    assert kept(keeper) == reports.Kept(made=True, state="waiting", problem="the registry is away")
    assert "its report was not logged: the registry is away" in caplog.text
    registry.outage = None
    assert not report(keeper)
    clock.pass_(seconds=30)
    rung.clear()
    sweep(keeper, 50)
    assert REPORT in rung
    assert report(keeper)
    assert kept(keeper).state == "logged"


@pytest.mark.parametrize("run_id", [None, "gone"], ids=["no run", "a deleted run"])
def test_without_a_run_it_is_a_sentence_and_the_page_is_kept(keeper, registry, run_id, caplog):
    registry.deleted_runs.add("gone")
    judged(keeper, registry, run_id=run_id)
    assert report(keeper)
    found = kept(keeper)
    assert (found.made, found.state) == (True, "refused")
    assert "no run made plain version 1" in found.problem
    assert found.problem in caplog.text
    assert latest(keeper, 1).decision.answer is Answer.ASK


def test_a_version_that_was_deleted_since_is_a_sentence_too(keeper, registry):
    judged(keeper, registry)
    registry.delete("plain", 1)
    assert report(keeper)
    assert kept(keeper).state == "refused"


def test_a_maker_that_dies_is_followed_by_another(keeper, registry, clock):
    judged(keeper, registry)
    with writing(keeper.ledger) as session:
        assert reports.claim(session, keeper.now())
    assert not report(keeper)
    clock.pass_(minutes=6)
    assert report(keeper)
    assert kept(keeper).state == "logged"


def test_the_run_has_the_later_judgement_although_the_earlier_is_made_later(keeper, registry, clock):
    judged(keeper, registry)
    registry.outage = "away"
    report(keeper)
    registry.outage = None
    approve(keeper, 1)
    registry.set_tag("plain", 1, "note", "another evidence")
    ring(keeper, "plain", 1)
    run(keeper)
    assert report(keeper)
    clock.pass_(minutes=1)
    assert report(keeper)
    with reading(keeper.ledger) as session:
        states = {row.decision_id: row.state for row in session.query(ReportRow)}
    assert [states[key] for key in sorted(states)] == ["refused", "logged"]


def test_what_nobody_foresaw_is_noted_raised_and_costs_no_other(keeper, registry, clock):
    judged(keeper, registry)
    with writing(keeper.ledger) as session:
        session.query(SketchRow).update({"sketch": json.dumps({"no such": "field"})})
    registry.register("plain", GOOD)
    registry.transition("plain", 2, Stage.STAGING)
    ring(keeper, "plain", 2)
    run(keeper)
    with pytest.raises(ValidationError):
        report(keeper)
    assert report(keeper)
    assert kept(keeper).state == "waiting"
    assert "ValidationError" in kept(keeper).problem
    assert kept(keeper, version=2).made
    with reading(keeper.ledger) as session:
        assert work.due_count(session, clock()) == 0


def test_many_are_made_one_by_one(keeper, registry, rung):
    judged(keeper, registry)
    registry.register("plain", GOOD)
    registry.transition("plain", 2, Stage.STAGING)
    ring(keeper, "plain", 2)
    run(keeper)
    rung.clear()
    assert report(keeper)
    assert rung == [REPORT]
    assert report(keeper)
    assert not report(keeper)


def test_after_too_many_tries_it_is_given_up(keeper, registry, clock):
    judged(keeper, registry)
    registry.outage = "away"
    for _ in range(reports.ATTEMPTS_MAX):
        clock.pass_(minutes=20)
        with writing(keeper.ledger) as session:
            wanted = reports.claim(session, clock())
            reports.mark_failed(session, wanted, "away", retry=clock())
    assert kept(keeper).state == "failed"
    clock.pass_(minutes=20)
    assert not report(keeper)


def test_a_sketch_that_cannot_be_made_costs_no_verdict(caplog):
    assert _sketched([MetricNeed(metric="rmse", dataset="nowhere")], Scores({}, Run({}, {}), None)) == []
    assert "its report will show no plots" in caplog.text
