"""Gates on what is found in, by, or beside the candidate's files: scan, size, latency, pytest, signature."""

import math
from datetime import UTC, datetime

import pytest

from policies.cases import run_cases
from policies.evaluate import evaluate, needs
from policies.evidence.gap import Gap
from policies.evidence.latency import Latency
from policies.evidence.scan import Scan, Threat
from policies.evidence.size import Size
from policies.evidence.team_tests import FailedTest, TeamTests
from policies.load import load_policies, with_texts
from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from registry.words import Column, Signature
from tests.policies.made import evidence, facts, policy_of

SCAN = "{scan: safe}"
SIZE = "{size: 50MB}"
LATENCY = "{latency: {p95: 25ms, rows: 1}}"
TESTS = "{pytest: tests/test_fare.py}"
KEYS = {SCAN: "scan", SIZE: "size", LATENCY: "latency of 1 rows on holdout", TESTS: "tests/test_fare.py on holdout"}  # fmt: skip


def threats(*what):
    return Scan(files=9, threats=tuple(Threat(where=f"f{n}", what=each) for n, each in enumerate(what)))


def times(p95=0.02, calls=200, **changes):
    given = {"p50": 0.01, "p95": p95, "p99": 0.03, "fastest": 0.004, "slowest": 0.05, "calls": calls}
    return Latency(**{**given, **changes})


def outcomes(collected, passed, skipped=0, *failures):
    told = tuple(FailedTest(test=test, message=message) for test, message in failures)
    return TeamTests(text="", digest="", collected=collected, passed=passed, skipped=skipped, failures=told)


def verdict(gate, seen):
    policy = policy_of([gate])
    return evaluate(policy, policy.transitions[0], seen).verdicts[0]


@pytest.mark.parametrize(
    ("gate", "found", "outcome", "sentence"),
    [
        (SCAN, threats(), "pass", "scan found nothing unsafe in 9 files"),
        (SCAN, Scan(files=1, code=("a.pkl",)), "pass", "scan found nothing unsafe in 1 file; a.pkl carries its author's own code"),
        (SCAN, threats("imports os.system when it is loaded"), "fail", "scan: f0 imports os.system when it is loaded"),
        (SCAN, threats(*"abcde"), "fail", "scan: f0 a; f1 b; f2 c; and 2 more"),
        (SCAN, Scan(files=0), "error", "scan: there were no files to look at"),
        (SCAN, Gap(reason="a.pkl cannot be read"), "error", "a.pkl cannot be read"),
        (SCAN, Size(bytes=1, files=1), "error", "scan was answered with a size, which says nothing of it"),
        (SCAN, None, "error", "scan was not measured"),
        (SIZE, Size(bytes=50_000_000, files=3), "pass", "size was 50.00 MB in 3 files, at most 50.00 MB allowed"),
        (SIZE, Size(bytes=50_000_001, files=1), "fail", "size was 50.000001 MB in 1 file, at most 50.000000 MB allowed"),
        (SIZE, Size(bytes=0, files=0), "error", "the size cannot be told: there are no files to add up"),
        (SIZE, None, "error", "size was not measured"),
        (LATENCY, times(), "pass", "latency: p95 was 20.00 ms, at most 25.00 ms allowed, over 200 calls from 4.00 to 50.00 ms"),
        (LATENCY, times(0.0251), "fail", "latency: p95 was 25.10 ms, at most 25.00 ms allowed, over 200 calls from 4.00 to 50.00 ms"),
        (LATENCY, times(calls=19), "error", "latency: p95 was 20.00 ms, at most 25.00 ms allowed, over 19 calls from 4.00 to 50.00 ms: at least 20 are needed"),
        (LATENCY, times(2.0, calls=7, fastest=1.5, slowest=2.0), "fail", "latency: p95 was 2,000.00 ms, at most 25.00 ms allowed, over 7 calls from 1,500.00 to 2,000.00 ms: at least 20 are needed"),
        (LATENCY, times(math.nan), "error", "latency was [0.01, nan, 0.03, 0.004, 0.05], which are not figures"),
        (LATENCY, times(slowest=math.inf), "error", "latency was [0.01, 0.02, 0.03, 0.004, inf], which are not figures"),
        (LATENCY, Gap(reason="it crashed", fault="candidate"), "fail", "it crashed"),
        (TESTS, outcomes(3, 3), "pass", "tests/test_fare.py: 3 tests passed"),
        (TESTS, outcomes(3, 1, 2), "pass", "tests/test_fare.py: 1 test passed, 2 skipped"),
        (TESTS, outcomes(3, 2, 0, ("test_jfk", "assert 60 < 52")), "fail", "tests/test_fare.py: 1 of 3 tests failed: test_jfk: assert 60 < 52"),
        (TESTS, outcomes(3, 2), "fail", "tests/test_fare.py: 1 of 3 tests failed: "),
        (TESTS, outcomes(2, 0, 2), "error", "tests/test_fare.py: all its tests were skipped"),
        (TESTS, outcomes(0, 0), "error", "tests/test_fare.py: there is no test in it"),
        (TESTS, outcomes(1, 2), "error", "tests/test_fare.py: the counts of its tests contradict each other"),
        (TESTS, None, "error", "tests/test_fare.py on holdout was not measured"),
    ],
)  # fmt: skip
def test_a_gate_says_what_was_found(gate, found, outcome, sentence):
    seen = evidence()
    said = verdict(gate, seen.model_copy(update={"findings": {KEYS[gate]: found} if found else {}}))
    assert (said.outcome, said.sentence) == (outcome, sentence)


def of(inputs, outputs=()):
    return Signature(inputs=tuple(inputs), outputs=tuple(outputs))


X = Column(name="x", type="long")
Y = Column(name="y", type="double")


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome", "sentence"),
    [
        (of([X]), of([X]), "pass", "the signature takes the one input of the champion, and gives the same"),
        (of([Column(name="x", type="double")]), of([X]), "pass", "the signature takes"),
        (of([X, Column(name="z", type="long", required=False)]), of([X]), "pass", "the signature takes"),
        (of([X]), of([X, Y]), "pass", "the signature takes all 2 inputs"),
        (of([Column(name="x", type="integer")]), of([X]), "fail", "the signature would let callers down: input 'x' was long and is integer now"),
        (of([X, Y]), of([X]), "fail", "the signature would let callers down: input 'y' is new and required: make it optional"),
        (of([X]), of([Column(name="x", type="long", required=False)]), "fail", "the signature would let callers down: input 'x' was optional and is required now"),
        (of([X], [Y]), of([X], [X]), "fail", "the signature would let callers down: output 'x' is gone; output 'y' is new"),
        (of([X], [Column(name="y", type="float")]), of([X], [Y]), "fail", "the signature would let callers down: output 'y' was double and is float now"),
        (of([Column(name="t", type="float32", shape=(-1, 3))]), of([Column(name="t", type="float32", shape=(-1, 2))]), "fail", "the signature would let callers down: input 't' had the shape (-1, 2) and has (-1, 3) now"),
        (of([Column(name="t", type="float32", shape=(-1, -1))]), of([Column(name="t", type="float32", shape=(-1, 2))]), "pass", "the signature takes"),
        (of([Column(name="t", type="float64", shape=(-1, 2))]), of([Column(name="t", type="float32", shape=(-1, 2))]), "fail", "the signature would let callers down: input 't' was float32 and is float64 now"),
        (None, of([X]), "fail", "the model has no signature"),
        (of([X]), None, "error", "the champion's signature cannot be told"),
    ],
)  # fmt: skip
def test_a_signature_must_suit_the_champions_callers(ours, theirs, outcome, sentence):
    seen = evidence(candidate=facts(signature=ours))
    seen = seen.model_copy(update={"champion": facts(version=1, signature=theirs)})
    said = verdict("{signature: compatible}", seen)
    assert said.outcome == outcome
    assert said.sentence.startswith(sentence)


def test_without_a_champion_no_caller_is_let_down():
    assert verdict("{signature: compatible}", evidence(champion=False)).outcome == "skip"


@pytest.mark.parametrize(
    ("gate", "problem"),
    [
        ("{size: 50}", "'50' has no unit, write 50MB, or another of KB, GB, KiB, MiB, GiB"),
        ("{size: 0MB}", "'0MB' is not a size, write a number and KB, MB or GB, such as 50MB"),
        ("{scan: yes}", "'yes' is not known here, write safe"),
        ("{latency: {rows: 1}}", "'latency' has no bound, add p50, p95 or p99, such as p95: 25ms"),
        ("{latency: {p95: 25}}", "'25' has no unit, write 25s, or another of ms, s, m, h, d"),
        ("{pytest: ../t.py}", "'../t.py' is no test file beside the policy, write the path of a .py file"),
        (
            "{pytest: /etc/t.py}",
            "'/etc/t.py' is no test file beside the policy, write the path of a .py file",
        ),
    ],
)
def test_an_option_that_cannot_be_is_told_with_its_place(gate, problem):
    with pytest.raises(PolicyInvalid) as caught:
        policy_of([gate])
    assert str(caught.value).startswith("policy.yaml:6:")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("exceptions", "severity", "blocks"),
    [("", "block", True), ("", "warn", False), ("2026-12-31", "block", False), ("2026-01-31", "block", True)],
    ids=["blocks", "warns", "excepted", "once excepted"],
)
def test_a_model_is_loaded_unscanned_by_exception_only(exceptions, severity, blocks):
    text = policy_of([f"{{scan: safe, severity: {severity}}}"]).text
    if exceptions:
        text += f"owners: [a]\nexceptions: [{{gate: scan, reason: x, by: a, expires: {exceptions}}}]\n"
    policy = parse_policy(text, file="policy.yaml")
    (need,) = needs(policy, policy.transitions[0], datetime(2026, 11, 24, tzinfo=UTC))
    assert need.blocking == blocks


def test_tests_lie_beside_their_policy_and_their_text_is_asked_with(tmp_path):
    policy = tmp_path / "fares" / "policy.yaml"
    policy.parent.mkdir()
    policy.write_text(policy_of(["{pytest: test_fare.py}"]).text)
    problems = load_policies(tmp_path).problems
    assert [f"{each.line}:{each.column}: {each.what}" for each in problems] == [
        "6:22: there is no readable file test_fare.py"
    ]
    (policy.parent / "test_fare.py").write_text("def test(model): pass")
    (read,) = load_policies(tmp_path).policies
    (need,) = with_texts(needs(read, read.transitions[0]), read)
    assert need.text == "def test(model): pass"


CASES = """\
cases:
  - case: all is well
    from: staging
    given: {{measured: {{{good}}}, champion: {{}}}}
    answer: promote
  - case: nothing is
    from: staging
    given: {{measured: {{{bad}}}, champion: {{}}, signature: incompatible}}
    answer: reject
    gates: {{scan: fail, size: fail, latency: fail, tests/test_fare.py: fail, signature against champion: fail}}
  - case: nobody knows
    from: staging
    given: {{champion: {{}}}}
    answer: hold
    gates: {{scan: error, size: error, latency: error, tests/test_fare.py: error}}
"""


def test_cases_tell_of_them_in_words():
    policy = policy_of([SCAN, SIZE, LATENCY, TESTS, "{signature: compatible}"])
    good = "scan: safe, size: 40MB, latency: 20ms, tests/test_fare.py: passed"
    bad = "scan: a Lambda layer, size: 60MB, latency: {p95: 30}, tests/test_fare.py: too dear"
    results = run_cases(policy, CASES.format(good=good, bad=bad), file="cases.yaml")
    assert [result.differences for result in results] == [(), (), ()]


@pytest.mark.parametrize("told", ["size: much", "size: 5", "latency: 5", "latency: {p90: 5}", "scan: 1"])
def test_a_case_that_tells_nothing_of_them_says_how_to_write_it(told):
    policy = policy_of([SCAN, SIZE, LATENCY])
    text = f"cases: [{{case: x, from: staging, given: {{measured: {{{told}}}}}, answer: hold}}]"
    (result,) = run_cases(policy, text, file="cases.yaml")
    assert "; write " in result.differences[0]
