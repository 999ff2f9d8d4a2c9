"""How figures and times are written."""

from datetime import UTC, datetime, timedelta

import pytest

from console.words import ago, exact, figure, gate_tone, passed, tone
from policies.verdicts import Answer, Outcome, Severity, Verdict

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "–"),  # noqa: RUF001 the dash of an empty cell
        (0.0, "0"),
        (4.20123, "4.201"),
        (-0.00001234, "-1.234e-05"),
        (10377, "10,377"),
        (54_343.61, "54,344"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_figures_are_short_and_readable(value, written):
    assert figure(value) == written


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (timedelta(seconds=-30), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=60), "60 days ago"),
        (timedelta(days=61), "2026-09-23"),
    ],
    ids=str,
)
def test_times_are_told_from_now(past, words):
    assert ago(NOW - past, NOW) == words


def test_the_exact_time_is_utc():
    assert exact(NOW) == "2026-11-23 12:00:00 UTC"


def test_a_failure_that_only_warns_is_not_drawn_as_one_that_blocks():
    fails = Verdict(gate="g", outcome=Outcome.FAIL, sentence="s")
    assert gate_tone(fails) == "bad"
    assert gate_tone(fails.model_copy(update={"severity": Severity.WARN})) == "odd"


@pytest.mark.parametrize("answer", Answer)
def test_every_answer_has_its_colour(answer):
    colours = {Answer.PROMOTE: "good", Answer.REJECT: "bad", Answer.HOLD: "odd", Answer.ASK: "open"}
    assert tone(answer) == colours[answer]
    assert tone("ignored") == "plain"


def test_skipped_gates_are_not_counted():
    outcomes = (Outcome.PASS, Outcome.FAIL, Outcome.SKIP)
    assert passed(tuple(Verdict(gate="g", outcome=o, sentence="s") for o in outcomes)) == "1 of 2"
