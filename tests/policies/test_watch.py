from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from policies.watch import doubts, failures
from tests.policies.made import evidence, policy_of

FRESH = "{metric: rmse, dataset: fresh, max: 6.0}"
SINCE = datetime(2026, 11, 25, 12, tzinfo=UTC)


def text_with(
    gate=FRESH, every="1h", lasts="7d", on_fail='[rollback, {notify: "#on-call"}]', to="production"
):
    return (
        "policy: p\nmodels: [m]\ndatasets: {fresh: {uri: x, target: y}}\ntransitions:\n"
        f"  - from: none\n    to: {to}\n"
        f"    watch: {{every: {every}, for: {lasts}, gates: [{gate}], on_fail: {on_fail}}}\n"
    )


def watch_of(**lines):
    return parse_policy(text_with(**lines), file="f").transitions[0].watch


def test_the_example_says_what_it_reads_like():
    watch = watch_of()
    assert (watch.every, watch.lasts) == (timedelta(hours=1), timedelta(days=7))
    assert [gate.label for gate in watch.gates] == ["rmse on fresh"]
    assert (watch.rolls_back, watch.told) == (True, ("#on-call",))


@pytest.mark.parametrize(
    ("minutes", "counts", "following"),
    [
        pytest.param(0, False, 60, id="just promoted"),
        pytest.param(59, False, 60, id="not yet"),
        pytest.param(60, True, 120, id="the first look"),
        pytest.param(90, True, 120, id="in between"),
        pytest.param(180, True, None, id="the last look"),
        pytest.param(239, True, None, id="the last look, late"),
        pytest.param(240, False, None, id="over"),
    ],
)
def test_a_watch_is_due_from_the_promotion_on(minutes, counts, following):
    watch, now = watch_of(lasts="3h"), SINCE + timedelta(minutes=minutes)
    assert watch.looks_at(SINCE, now) is counts
    assert watch.next_look(SINCE, now) == (following and SINCE + timedelta(minutes=following))


@given(st.integers(1, 500), st.integers(1, 500), st.integers(0, 2000))
def test_every_next_look_is_later_and_counts(every, lasts, minutes):
    every, lasts = sorted((every, lasts))
    watch, now = watch_of(every=f"{every}m", lasts=f"{lasts}m"), SINCE + timedelta(minutes=minutes)
    following = watch.next_look(SINCE, now)
    if following:
        assert now < following <= now + watch.every
        assert watch.looks_at(SINCE, following)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ({"gate": FRESH.replace("fresh", "frsh")}, "f:7:65: no data set 'frsh', did you mean 'fresh'?"),
        (
            {"gate": f"{FRESH}, {FRESH}"},
            "f:7:83: an earlier gate of this watch is called 'rmse on fresh' too",
        ),
        ({"gate": ""}, "f:7:40: nothing stands here, write at least one"),
        ({"gate": "{metrik: rmse}"}, "f:7:42: unknown gate 'metrik', did you mean 'metric'?"),
        (
            {"gate": "{metric: rmse, dataset: fresh, compared_to: champion, margin: 2%}"},
            "f:7:41: the champion cannot be compared with itself, write a limit",
        ),
        ({"every": "1s"}, "f:7:20: a model is run at each look, write 1m or more"),
        ({"every": "8d"}, "f:7:20: it would be over before the first look"),
        ({"every": "1"}, "f:7:20: '1' has no unit, write 1s"),
        ({"lasts": "400d"}, "f:7:29: '400d' is longer than a year"),
        ({"on_fail": "[]"}, "nothing stands here, write at least one"),
        ({"on_fail": "[rolback]"}, "unknown step 'rolback', did you mean 'rollback'?"),
        ({"on_fail": "[{transition: archived}]"}, "unknown step 'transition', known here: notify"),
        ({"to": "staging"}, "f:7:5: only what is in production is watched, take it out"),
    ],
)
def test_a_bad_watch_is_told_with_place_and_remedy(lines, problem):
    with pytest.raises(PolicyInvalid) as caught:
        parse_policy(text_with(**lines), file="f")
    assert any(problem in str(one) for one in caught.value.problems), caught.value


def test_a_gate_of_a_watch_may_warn():
    gates = policy_of(["{tags: [a]}", "{tags: [b], severity: warn, name: b}"]).transitions[0].gates
    verdicts = [gate.judge(evidence()) for gate in gates]
    assert len(failures(verdicts)) == 1
    assert doubts(verdicts) == []
