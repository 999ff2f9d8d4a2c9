"""The strict example of the language loads and judges as described, key by key.

`fresh`, which its watch names, is declared here; the rest stands as it was first written down.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from policies.decide import decide
from policies.evaluate import evaluate, needs
from policies.evidence.loading import Loading
from policies.evidence.measurement import Measurement
from policies.evidence.scan import Scan
from policies.evidence.told import Told
from policies.language import Policy
from policies.moment import Moment
from policies.parse import parse_policy
from policies.verdicts import Answer, Outcome
from tests.policies.made import GROUPS, SIGNED, compared, evidence, facts, vote

STRICT = Path(__file__).with_name("strict.yaml").read_text()
TUESDAY = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def strict() -> Policy:
    return parse_policy(STRICT, file="strict.yaml")


def test_its_gates_are_called_as_people_would_call_them(strict):
    assert [[gate.label for gate in rule.gates] for rule in strict.transitions] == [
        ["signature", "tags", "logged val_rmse", "scan"],
        [
            *("loads", "accuracy", "rmse against baseline:linear-distance", "mae against champion"),
            *("rmse against champion", "rmse by slice", "predictions", "increasing with distance_km"),
            *("noise in pickup_latitude, pickup_longitude", "drift", "latency", "size"),
            *("signature against champion", "tests/test_taxi_model.py", "expression"),
        ],
    ]


def test_its_terms_are_read(strict):
    rule = strict.transitions[1]
    assert [str(entry) for entry in rule.approvals] == ["pricing (1)", "risk (1)"]
    assert (rule.approvals[1].expires, rule.approvals[1].remind) == (timedelta(hours=72), timedelta(hours=24))
    assert rule.soak == timedelta(hours=24)
    assert (rule.watch.every, rule.watch.lasts) == (timedelta(hours=1), timedelta(days=7))
    assert (rule.watch.rolls_back, rule.watch.told) == (True, ("#on-call",))
    assert rule.on_bypass == "report"
    steps = [
        [(step.kind, step.target) for step in (s.step() for s in some)]
        for some in (rule.on_pass, rule.on_fail)
    ]
    assert steps == [
        [("transition", "Production"), ("alias", "champion"), ("notify", "#pricing")],
        [("transition", "Archived"), ("notify", "author")],
    ]
    holdout = strict.datasets["holdout"]
    assert (holdout.min_rows, holdout.max_age) == (5000, timedelta(days=30))
    assert holdout.locate({"TAXI_HOLDOUT": "trips.parquet"}) == "trips.parquet"


GOOD = {
    "rmse": 4.2,
    "mae_compared": compared(2.0, 2.1, se=0.005),
    "rmse_compared": compared(4.2, 4.4, se=0.01),
}


SLICES = {
    "jfk": 12.0,
    "night": 5.0,
    **{f"hour {hour}": 4.0 for hour in range(24)},
    **{f"distance {part}": 4.5 for part in ("0 to 2", "2 to 5", "5 to 10", "from 10")},
}
WORDS = Told(
    candidate={
        "rmse": 4.2,
        "rmse of baseline:linear-distance": 6.0,
        "rmse by slice": SLICES,
        "predictions": {"lowest": 2.5, "highest": 120.0, "missing": 0, "infinite": 0},
        "monotonic distance_km": {"rose": 0.99, "fell": 0.01},
        "disturbed rmse": 4.3,
        "drift": 0.1,
        "latency": "9ms",
        "size": "3MB",
        "tests/test_taxi_model.py": "passed",
        "scan": "safe",
    },
    champion={"rmse by slice": SLICES},
    uncertainty=0.005,
)
"""What is told of a good candidate beside `GOOD`, in the words of a case."""
CANDIDATE = facts(signature=SIGNED, tags={"owner": "ada"}, logged={"val_rmse": 4.5})


def seen(strict, changes=()):
    """The evidence on a good candidate, but for what is changed."""
    rule = strict.transitions[1]
    given = {need.key: need.told(WORDS) for need in needs(strict, rule)}
    found = evidence(candidate=CANDIDATE, **{**GOOD, **dict(changes)})
    told = {key: finding for key, finding in given.items() if finding is not None}
    champion = found.champion.model_copy(update={"signature": SIGNED})
    return found.model_copy(update={"findings": told | found.findings, "champion": champion})


def judged(strict, changes=(), *, votes=("ada", "linus"), moment=None):
    rule = strict.transitions[1]
    evaluation = evaluate(strict, rule, seen(strict, changes))
    return decide(
        strict, rule, evaluation, [vote(evaluation, name) for name in votes],
        authors=frozenset({"mary"}), groups=GROUPS,
        moment=moment or Moment(now=TUESDAY, entered=TUESDAY - timedelta(days=2)),
    )  # fmt: skip


def at(*when):
    now = datetime(*when, tzinfo=ZoneInfo("America/New_York"))
    return Moment(now=now, entered=now - timedelta(days=2))


@pytest.mark.parametrize(
    ("changes", "answer", "reason"),
    [
        pytest.param({}, Answer.PROMOTE, "gates passed", id="good"),
        pytest.param({"rmse": 5.31}, Answer.REJECT, "accuracy: rmse was 5.31, at most 5.00 allowed, on 10,377 rows", id="too large an error"),
        pytest.param({"mae_compared": compared(2.3, 2.1, se=0.005)}, Answer.REJECT, "mae was 2.30 against the champion's 2.10", id="worse than the champion"),
        pytest.param({"rmse_compared": compared(4.4, 4.4, se=0.04)}, Answer.PROMOTE, "rmse was 4.40", id="people have answered what the data cannot say"),
        pytest.param({"rmse": Measurement(value=4.2, rows=4999)}, Answer.HOLD, "rests on 4,999 rows, at least 5,000 are needed", id="too few rows"),
        pytest.param({"rmse": float("nan")}, Answer.HOLD, "nan, which is not a figure", id="no figure"),
    ],
)  # fmt: skip
def test_what_was_measured_decides(strict, changes, answer, reason):
    decision = judged(strict, changes)
    assert decision.answer is answer, decision.reasons
    assert any(reason in each for each in decision.reasons)


def test_whatever_a_blocking_gate_misses_holds_the_candidate(strict):
    rule, good = strict.transitions[1], seen(strict)
    for gate in (each for each in rule.gates if each.severity == "block"):
        for need in gate.needs():
            rest = {key: found for key, found in good.findings.items() if key != need.key}
            verdicts = evaluate(strict, rule, good.model_copy(update={"findings": rest})).verdicts
            said = {verdict.gate: verdict.outcome for verdict in verdicts}
            assert said[gate.label] is Outcome.ERROR, need.key


def test_a_model_that_takes_too_long_to_load_is_rejected(strict):
    found = seen(strict)
    slow = found.model_copy(update={"findings": {**found.findings, "loads": Loading(seconds=61.0)}})
    verdicts = evaluate(strict, strict.transitions[1], slow).verdicts
    assert (verdicts[0].gate, verdicts[0].outcome) == ("loads", Outcome.FAIL)


@pytest.mark.parametrize(
    ("votes", "answer", "asked"),
    [
        pytest.param((), Answer.ASK, ("pricing (1)", "risk (1)"), id="nobody yet"),
        pytest.param(("ada",), Answer.ASK, ("risk (1)",), id="pricing alone"),
        pytest.param(("ada", "grace"), Answer.PROMOTE, (), id="one who is in both fills the other"),
        pytest.param(("grace",), Answer.ASK, ("risk (1)",), id="nobody counts twice"),
        pytest.param(("mary", "linus"), Answer.ASK, ("pricing (1)",), id="nobody approves their own"),
    ],
)
def test_people_of_both_groups_are_asked(strict, votes, answer, asked):
    decision = judged(strict, votes=votes)
    assert decision.answer is answer, decision.reasons
    assert len(decision.asked) == len(asked)


@pytest.mark.parametrize(
    ("moment", "answer", "reason"),
    [
        pytest.param(at(2026, 11, 24, 10), Answer.PROMOTE, "", id="Tuesday"),
        pytest.param(at(2026, 11, 27, 14, 59), Answer.PROMOTE, "", id="Friday before three"),
        pytest.param(at(2026, 11, 27, 15), Answer.HOLD, "weekend", id="Friday at three"),
        pytest.param(at(2026, 11, 30, 8, 59), Answer.HOLD, "weekend", id="Monday before nine"),
        pytest.param(at(2026, 11, 30, 9), Answer.PROMOTE, "", id="Monday at nine"),
        pytest.param(at(2026, 12, 22, 10), Answer.HOLD, "year end (holiday traffic)", id="year end"),
        pytest.param(at(2027, 1, 4, 23), Answer.HOLD, "year end", id="its last day"),
        pytest.param(at(2027, 1, 5, 0), Answer.PROMOTE, "", id="the day after"),
        pytest.param(Moment(now=TUESDAY, entered=TUESDAY - timedelta(hours=23)), Answer.HOLD, "soaks until", id="soaking"),
    ],
)  # fmt: skip
def test_the_time_decides_last(strict, moment, answer, reason):
    decision = judged(strict, moment=moment)
    assert decision.answer is answer, decision.reasons
    assert any(reason in each for each in decision.reasons)


@pytest.mark.parametrize(
    ("candidate", "outcomes"),
    [
        pytest.param({"signature": SIGNED, "tags": {"owner": "ada", "git_commit": "1f"}, "logged": {"val_rmse": 5.9}}, ["pass"] * 4, id="all there"),
        pytest.param({"tags": {"owner": " "}, "logged": {}}, ["fail", "fail", "error", "pass"], id="nothing there"),
    ],
)  # fmt: skip
def test_what_enters_staging_has_its_papers(strict, candidate, outcomes):
    known = evidence(candidate=facts(**candidate)).model_copy(update={"findings": {"scan": Scan(files=3)}})
    found = evaluate(strict, strict.transitions[0], known)
    assert [verdict.outcome for verdict in found.verdicts] == outcomes
