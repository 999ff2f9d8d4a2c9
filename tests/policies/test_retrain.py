"""When a policy asks for a new candidate."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from policies.retrain import Standing

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def retrain(written):
    text = f"policy: p\nmodels: [m]\ntransitions:\n  - {{from: none, to: production}}\nretrain: {written}\n"
    return parse_policy(text, file="f").retrain


def at(hours):
    return NOON + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("written", "standing", "hours", "said"),
    [
        pytest.param("{every: 2d}", Standing(), 900, None, id="nobody was ever champion"),
        pytest.param("{every: 2d}", Standing(champion=NOON), 47, None, id="it is young"),
        pytest.param("{every: 2d}", Standing(champion=NOON), 48, "older than 2d", id="it is old"),
        pytest.param("{every: 2d}", Standing(champion=NOON, asked=at(50)), 97, None, id="asked lately"),
        pytest.param("{every: 2d}", Standing(champion=NOON, asked=at(50)), 98, "older than 2d", id="asked long ago"),
        pytest.param("{after: [rollback]}", Standing(champion=NOON), 900, None, id="nothing happened"),
        pytest.param("{after: [rollback]}", Standing(causes={"failed watch": NOON}), 1, None, id="something else"),
        pytest.param("{after: [rollback]}", Standing(causes={"rollback": NOON}), 1, "was put back on Wed 25 Nov", id="a cause"),
        pytest.param("{after: [failed watch]}", Standing(causes={"failed watch": NOON}), 1, "failed its watch", id="the other"),
        pytest.param("{after: [rollback]}", Standing(causes={"rollback": NOON}, asked=at(1)), 99, None, id="asked since"),
        pytest.param("{after: [rollback]}", Standing(causes={"rollback": NOON}, asked=at(-1)), 22, None, id="within the pause"),
        pytest.param("{after: [rollback]}", Standing(causes={"rollback": NOON}, asked=at(-1)), 23, "was put back", id="after the pause"),
        pytest.param("{after: [rollback], pause: 2h}", Standing(causes={"rollback": NOON}, asked=at(-1)), 1, "was put back", id="a short pause"),
    ],
)  # fmt: skip
def test_it_asks_for_what_is_due_and_says_why(written, standing, hours, said):
    why = retrain(written).reason(standing, at(hours))
    assert why is None if said is None else said in why


@given(st.integers(1, 100), st.integers(1, 100), st.lists(st.integers(0, 50), max_size=60))
def test_between_two_requests_there_is_always_the_pause(every, pause, steps):
    every, pause = max(every, pause), min(every, pause)
    terms = retrain(f"{{every: {every}h, after: [failed watch, rollback], pause: {pause}h}}")
    now, asked = NOON, []
    for step in steps:
        now += timedelta(hours=step)
        standing = Standing(NOON, {"rollback": now, "failed watch": now}, asked[-1] if asked else None)
        if terms.reason(standing, now):
            asked.append(now)
    assert all(later - sooner >= timedelta(hours=pause) for sooner, later in pairwise(asked))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{}", "nobody would ever be asked"),
        ("{every: 5m}", "5m is too short to train, write 1h or more"),
        ("{every: 7d, pause: 1s}", "1s is too short to train"),
        ("{every: 6h}", "a pause of 24h, write as much, or a shorter pause"),
        ("{after: [rolback]}", "'rolback' is no cause, did you mean 'rollback'"),
        ("{after: rollback}", "write [rollback]"),
        ("{after: []}", "write at least one"),
        ("{after: [[1]]}", "a list is no cause"),
        ("{evry: 7d}", "unknown key 'evry', did you mean 'every'"),
        ("7d", "is not a mapping"),
        ("{every: 9999d}", "longer than a year"),
    ],
)
def test_a_slip_is_told_with_what_to_write(written, said):
    with pytest.raises(PolicyInvalid) as refused:
        retrain(written)
    assert said in str(refused.value)
