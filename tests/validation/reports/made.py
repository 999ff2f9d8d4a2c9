"""Judgements as if models had answered, and the reports of them."""

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from policies.decide import decide
from policies.evaluate import evaluate, needs
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.moment import Moment
from policies.parse import parse_policy
from registry.words import VersionFacts
from training.profile import profile_of
from validation.answers import Failed, Loaded, Run, Scored, Timed
from validation.holdout import Holdout
from validation.measuring.kinds import OF_FILES, calls_of, finding_of, tables_of
from validation.measuring.scores import Scores
from validation.reports.report import Report
from validation.reports.sketch import Sketch
from validation.reports.sketching import sketch
from validation.rows import Rows
from validation.trained_on import TrainedOn

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOSTILE = "</svg><script>alert(1)</script>'\"&$\\frac{1}{0}$\x00\x1b\u202e{{7*7}}"

FARES = """\
break_glass: [grace]
policy: taxi-fare
models: [taxi-fare]
datasets:
  holdout:
    uri: h.csv
    target: fare
    slices:
      far: "km >= 10"
      night: {where: "hour >= 20 || hour < 6"}
      km: {by: km, bins: [0, 2, 5, 10, inf]}
transitions:
  - from: staging
    to: production
    gates:
      - {name: accuracy, metric: rmse, max: 5.0}
      - {metric: mae, compared_to: champion, margin: 2%}
      - {metric: rmse, compared_to: champion, margin: 5%}
      - {metric: rmse, compared_to: "baseline:linear-km", margin: -1%}
      - {metric: rmse, slices: {max: {default: 8}, min_rows: 50, no_worse_than_champion: 10%}}
      - {drift: {against: training, psi: 0.2}, severity: warn}
      - {latency: {p95: 25ms, rows: 1}}
      - {predictions: {min: 0, finite: true}}
"""

LABELS = """\
policy: tips
models: [taxi-fare]
datasets:
  holdout: {uri: h.csv, target: tipped, slices: {far: "km >= 10", near: "km < 10"}}
transitions:
  - from: staging
    to: production
    gates:
      - {metric: auc, min: 0.6}
      - {metric: accuracy, compared_to: champion, margin: 2%}
      - {metric: log_loss, max: 0.9}
      - {metric: accuracy, slices: {min: {default: 0.5}, min_rows: 50}}
"""


def frame_of(rows=3_000, seed=3):
    draw = np.random.default_rng(seed)
    hours = draw.integers(0, 24, rows)
    return pd.DataFrame(
        {"km": draw.gamma(2, 3, rows), "hour": hours, "zone": draw.choice(["jfk", "soho"], rows)}
    )


def fares(frame, seed=4):
    return 2.5 + 1.5 * frame["km"].to_numpy() + np.random.default_rng(seed).normal(0, 1.5, len(frame))


def tips(frame, seed=4):
    odds = 1 / (1 + np.exp(-(frame["km"].to_numpy() - 6) / 2))
    return (np.random.default_rng(seed).uniform(size=len(frame)) < odds).astype(float)


def profile(frame, predictions):
    told = profile_of({name: frame[name].to_numpy() for name in ("km", "hour")}, predictions)
    return told.model_dump_json().encode()


def scores_of(wanted, holdout, ours, theirs, *, trained=None):
    """What both models say; a model is a function of rows, or a Failed."""
    tables, calls = {"holdout": holdout.inputs}, {}
    for need in wanted:
        if getattr(need, "dataset", None):
            tables |= tables_of(need, holdout)
            if rows := calls_of(need, holdout):
                calls[need.key] = rows
    candidate = _run(ours, tables, calls)
    champion = None if theirs is None else _run(theirs, {"holdout": holdout.inputs}, {})
    return Scores(
        {"holdout": holdout},
        candidate,
        champion,
        takes=frozenset({"km", "hour"}),
        trained_on=TrainedOn(profile=trained),
    )


def _run(model, tables, calls):
    if isinstance(model, Failed):
        return Run.failed(model, tables, calls)
    answers = {name: np.asarray(model(rows), dtype=float) for name, rows in tables.items()}
    draw = np.random.default_rng(9)
    timings = {
        key: Timed(draw.gamma(4, 0.001, len(rows)), [answers["holdout"][each] for each in rows])
        for key, rows in calls.items()
    }
    return Run(Loaded(0.1, answered=True), {n: Scored(a, 0.1, 0.1) for n, a in answers.items()}, timings)


def report_of(text, frame, target, ours, theirs=None, *, trained=None, name="taxi-fare"):
    """The whole way from answers to a report."""
    policy = parse_policy(text, file="p.yaml")
    rule = policy.transitions[0]
    wanted = [need for need in needs(policy, rule) if theirs is not None or not need.against_champion]
    holdout = Holdout(
        name="holdout",
        inputs=Rows.of(frame),
        target=target,
        digest="d" * 64,
        target_name=policy.datasets["holdout"].target,
    )
    scores = scores_of(wanted, holdout, ours, theirs, trained=trained)
    findings = {
        need.key: Gap(reason="not here") if type(need) in OF_FILES else finding_of(need, scores)
        for need in wanted
    }
    champion = None if theirs is None else facts(name, 1)
    evidence = Evidence(
        candidate=facts(name, 2), champion=champion, findings=findings, datasets={"holdout": holdout.digest}
    )
    evaluation = evaluate(policy, rule, evidence)
    decision = decide(
        policy, rule, evaluation, authors=frozenset(), groups={}, moment=Moment(now=NOW, entered=NOW)
    )
    kept = Sketch.model_validate_json(sketch(wanted, scores).model_dump_json())
    return Report(evidence, evaluation, decision, kept, NOW, "0.1.0")


def facts(name, version):
    return VersionFacts(name=name, version=version, source="m", run_id="r" * 32, authors=frozenset({"ada"}))


def of_fares(rows=3_000, *, champion=True):
    frame, before = frame_of(rows), frame_of(4_000, seed=8)
    before["km"] *= 0.8
    return report_of(
        FARES,
        frame,
        fares(frame),
        lambda rows: 2.4 + 1.51 * rows["km"],
        (lambda rows: 3.5 + 1.35 * rows["km"]) if champion else None,
        trained=profile(before, fares(before)),
    )


def of_tips(rows=3_000, *, champion=True):
    frame = frame_of(rows)
    return report_of(
        LABELS,
        frame,
        tips(frame),
        lambda rows: 1 / (1 + np.exp(-(rows["km"] - 6) / 2)),
        (lambda rows: 0.2 + 0.6 * (rows["km"] > 5)) if champion else None,
    )


def of_failed():
    frame = frame_of(500)
    return report_of(
        FARES, frame, fares(frame), Failed("did not load: ImportError: no module tensorflow"), None
    )


def of_hostile():
    """Everything that others may name has the same hostile name."""
    frame = frame_of(800).assign(zone=lambda rows: np.where(rows["zone"] == "jfk", HOSTILE, "soho"))
    text = FARES.replace("km: {by: km, bins: [0, 2, 5, 10, inf]}", "zone: {by: zone}")
    text = text.replace("target: fare", f"target: {json.dumps('fare' + HOSTILE)}").replace(
        "name: accuracy", f"name: {json.dumps('accuracy <b>')}"
    )
    return report_of(
        text,
        frame,
        fares(frame),
        lambda rows: 2.4 + 1.51 * rows["km"],
        lambda rows: 3 + 1.4 * rows["km"],
        name=HOSTILE,
    )
