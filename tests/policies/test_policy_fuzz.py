import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policies.broken import Broken
from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from tests.policies.made import SMALLEST

KEYS = ["policy", "models", "datasets", "transitions", "mode", "owners", "description"]
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
TYPED = st.text("[]{}:,-#&*!|>'\"%@` \t\n\x00é5.a", max_size=4)


def problems_of(raw):
    """What is wrong with it; anything raised but PolicyInvalid is a fault."""
    try:
        parse_policy(raw, file="f")
    except PolicyInvalid as invalid:
        return invalid.problems
    return ()


def within(problems, raw):
    """Whether every problem stands somewhere in the file, or just behind it."""
    lines = len(raw.decode(errors="replace").splitlines()) + 1
    return all(1 <= p.line <= lines and p.column >= 1 and p.what for p in problems)


@given(st.binary(max_size=200))
@example(b"\xc2\x85")
@example(b"? ")
@example(b"- - - ? : -")
@example(b"%YAML 1.1\n---\na: 1")
@example(b"\xef\xbb\xbf")
def test_no_bytes_whatever_are_taken_for_a_policy(raw):
    problems = problems_of(raw)
    assert problems
    assert within(problems, raw)


@given(st.integers(0, len(SMALLEST)), st.integers(0, 20), TYPED)
def test_a_slip_of_the_pen_is_a_policy_or_a_problem(start, length, typed):
    raw = (SMALLEST[:start] + typed + SMALLEST[start + length :]).encode()
    assert within(problems_of(raw), raw)
    assert isinstance(Broken("f", raw.decode(), ()).models, tuple)


@given(PLAIN, st.sampled_from(KEYS))
def test_any_value_under_any_key_is_a_policy_or_a_problem(value, key):
    rules = [{"from": "none", "to": "staging"}]
    raw = json.dumps({"policy": "p", "models": ["m"], "transitions": rules, key: value}).encode()
    assert within(problems_of(raw), raw)


@pytest.mark.parametrize("key", ["from", "to", "gates", "approvals", "on_pass", "on_fail", "first_version"])
@pytest.mark.parametrize(
    "value",
    ["[[]]", "{}", "{a: {b: c}}", "[{metric: {}}]", "[{metric: [rmse], max: 1}]", "-1.5", "2026-01-01"],
)
def test_misplaced_values_are_problems(key, value):
    rule = {"from": "none", "to": "staging"} | {key: value}
    body = ", ".join(f"{k}: {v}" for k, v in rule.items())
    assert problems_of(f"policy: p\nmodels: [m]\ntransitions: [{{{body}}}]\n".encode())
