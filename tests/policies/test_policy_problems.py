import pytest

from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from tests.policies.made import SMALLEST

HEAD = "policy: p\nmodels: [m]\ntransitions:\n"


def problems_of(text):
    with pytest.raises(PolicyInvalid) as caught:
        parse_policy(text, file="f")
    return str(caught.value).splitlines()


def in_gate(gate):
    """A policy whose one gate stands on line 7 from column 9 on."""
    return HEAD + f"  - from: staging\n    to: production\n    gates:\n      - {gate}\n"


def in_rule(more):
    return HEAD + f"  - {{from: staging, to: production, {more}}}\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("just words", "f:1:1: 'just words' is not a mapping (key: value)", id="text"),
        pytest.param("- a\n- b", "f:1:1: a list is not a mapping (key: value)", id="list at top"),
        pytest.param("---\n", "f:2:1: nothing stands here, write a mapping", id="nothing at top"),
        pytest.param(
            SMALLEST + "modle: x", "f:10:1: unknown key 'modle', did you mean 'mode", id="unknown key"
        ),
        pytest.param(
            SMALLEST + "mode: enforced",
            "f:10:7: 'enforced' is not known here, did you mean 'enforce'?",
            id="mode",
        ),
        pytest.param(
            SMALLEST + "owners: pricing", "f:10:9: 'pricing' is not a list, write [pricing]", id="not a list"
        ),
        pytest.param(
            SMALLEST + "owners: [5]", "f:10:10: '5' is not a text, write \"5\" in quotes", id="not a text"
        ),
        pytest.param(
            SMALLEST + "description: ${WHO}", "f:10:14: '${WHO}' is not filled in here", id="variable"
        ),
        pytest.param(
            SMALLEST + "datasets: {a: {uri: x}}", "f:10:15: 'target' is missing, add it", id="missing"
        ),
        pytest.param(
            SMALLEST + "datasets:\n  holdout: {uri: x, target: y, min_rows: 0}",
            "f:11:42: '0' is out of bounds, write at least 1",
            id="no rows",
        ),
        pytest.param(
            SMALLEST + 'datasets:\n  holdout: {uri: "${A", target: y}',
            "f:11:18: a variable is not closed",
            id="unclosed",
        ),
        pytest.param(
            SMALLEST + "datasets:\n  holdot: {uri: x, target: y}",
            "f:7:9: no data set 'holdout', did you mean 'holdot'?",
            id="data set misspelt",
        ),
        pytest.param(HEAD + "  []", "f:4:3: nothing stands here, write at least one", id="no transition"),
        pytest.param("models: []\n" + HEAD, "f:1:9: nothing stands here, write at least one", id="no model"),
        pytest.param(
            in_gate("{metrik: rmse, max: 5}"),
            "f:7:10: unknown gate 'metrik', did you mean 'metric'?",
            id="gate",
        ),
        pytest.param(in_gate("{name: x, metrik: rmse}"), "f:7:19: unknown gate 'metrik'", id="named gate"),
        pytest.param(
            in_gate("{}"), "f:7:9: nothing is not a gate, write a mapping, such as", id="empty gate"
        ),
        pytest.param(
            in_gate("rmse"), "f:7:9: 'rmse' is not a gate, write a mapping, such as", id="text as gate"
        ),
        pytest.param(
            in_gate("{metric: rsme, max: 5}"), "f:7:18: no metric 'rsme', did you mean 'rmse'?", id="metric"
        ),
        pytest.param(
            in_gate("{metric: rmse}"), "f:7:9: 'metric' has no limit, add max or min", id="no limit"
        ),
        pytest.param(
            in_gate("{metric: rmse, max: five}"), "f:7:29: 'five' is not a number", id="limit in words"
        ),
        pytest.param(in_gate("{metric: rmse, max: true}"), "f:7:29: 'true' is not a number", id="limit true"),
        pytest.param(
            in_gate('{metric: rmse, max: "5"}'), "f:7:29: '5' is not a number", id="limit in quotes"
        ),
        pytest.param(
            in_gate("{metric: rmse, max: .nan}"), "f:7:29: 'nan' is not a finite number", id="limit NaN"
        ),
        pytest.param(
            in_gate("{metric: rmse, max: .inf}"), "f:7:29: 'inf' is not a finite number", id="limit infinite"
        ),
        pytest.param(
            in_gate("{metric: rmse, max: 1, min: 2}"), "f:7:9: min is above max", id="limits crossed"
        ),
        pytest.param(
            in_gate("{metric: mae, compared_to: champion, margin: 5}"),
            "f:7:54: a percent is due here, and '5' may mean two, write 5%",
            id="percent without sign",
        ),
        pytest.param(
            in_gate("{metric: mae, compared_to: champion, margin: 0.05}"),
            "f:7:54: a percent is due here, and '0.05' may mean two, write 5%",
            id="fraction for percent",
        ),
        pytest.param(
            in_gate("{metric: mae, compared_to: champion, margin: -120%}"),
            "f:7:54: nothing can be 100% smaller, write a margin above -100%",
            id="margin below -100%",
        ),
        pytest.param(
            in_gate("{metric: r2, compared_to: champion, margin: 100%}"),
            "f:7:53: this lets anything pass, write a margin below 100%",
            id="margin of everything",
        ),
        pytest.param(
            in_gate("{metric: mae, compared_to: champion, margin: 2%, confidence: 50%}"),
            "f:7:70: no such confidence can be had",
            id="confidence of a coin",
        ),
        pytest.param(
            in_gate("{metric: mae, compared_to: champion, margin: 2%, max: 3}"),
            "f:7:58: unknown key 'max', known here: ",
            id="two gates in one",
        ),
        pytest.param(
            in_gate("{metric: mae, compared_to: champion}"),
            "f:7:9: 'margin' is missing, add it",
            id="no margin",
        ),
        pytest.param(
            in_gate("{metric: mae, compared_to: champoin, margin: 2%}"),
            "f:7:36: 'champoin' is nothing to compare with, write champion, baseline:mean or baseline:linear-",
            id="compared to whom",
        ),
        pytest.param(
            in_gate("{loads: 60s}"), "f:7:17: '60s' is not a time to load in, write within", id="loads"
        ),
        pytest.param(
            in_gate("{loads: within 60}"), "f:7:17: '60' is not a duration", id="loads without unit"
        ),
        pytest.param(in_gate("{loads: within 0s}"), "f:7:17: '0s' is not a duration", id="loads in no time"),
        pytest.param(
            in_gate("{signature: wanted}"),
            "f:7:21: 'wanted' is not known here, known here: required, compatible",
            id="signature",
        ),
        pytest.param(in_gate("{tags: []}"), "f:7:16: nothing stands here, write at least one", id="no tags"),
        pytest.param(
            in_gate("{tags: owner}"), "f:7:16: 'owner' is not a list, write [owner]", id="one tag bare"
        ),
        pytest.param(
            in_gate("{tags: [a], severity: wran}"),
            "f:7:31: 'wran' is not known here, did you mean 'warn'?",
            id="severity",
        ),
        pytest.param(
            in_gate("{metric: rmse, max: 5}\n      - {metric: rmse, max: 4}"),
            "f:8:9: an earlier gate of this transition is called 'rmse' too",
            id="two gates of one name",
        ),
        pytest.param(
            in_rule("aprovals: 1"), "f:4:37: unknown key 'aprovals', did you mean 'approvals'?", id="rule key"
        ),
        pytest.param(
            in_rule("approvals: -1"), "f:4:48: '-1' is out of bounds, write 0 or more", id="approvals"
        ),
        pytest.param(
            in_rule("approvals: [{count: 0}]"), "f:4:57: '0' is out of bounds", id="approvals by nobody"
        ),
        pytest.param(
            in_rule("approvals: [{remind: 24h, expires: 24h}]"),
            "f:4:58: nobody is reminded before the request has expired, write less than expires",
            id="reminds too late",
        ),
        pytest.param(
            in_rule("approvals: [{from: [a], expires: 24h, escalate: {after: 24h, to: [b]}}]"),
            "f:4:93: nobody else is asked before the request has expired, write less than expires",
            id="escalates too late",
        ),
        pytest.param(
            in_rule("approvals: [{escalate: {after: 24h, to: [b]}}]"),
            "f:4:50: anyone is asked from the beginning, add from: [GROUP], or take it out",
            id="escalates from everybody",
        ),
        pytest.param(
            in_rule("approvals: [{from: [a], escalate: {after: 24h, to: []}}]"),
            "f:4:88: nothing stands here, write at least one",
            id="escalates to nobody",
        ),
        pytest.param(
            "break_glass: []\n" + SMALLEST,
            "f:1:14: nothing stands here, write at least one",
            id="a glass that nobody breaks",
        ),
        pytest.param(
            "break_glass: ada\n" + SMALLEST, "f:1:14: 'ada' is not a list, write [ada]", id="one name bare"
        ),
        pytest.param(in_rule("soak: 24"), "f:4:43: '24' has no unit, write 24s", id="soak without unit"),
        pytest.param(in_rule("soak: 9999d"), "f:4:43: '9999d' is longer than a year", id="soak for ever"),
        pytest.param(in_rule("freeze: {windows: []}"), "f:4:45: 'timezone' is missing", id="freeze nowhere"),
        pytest.param(
            in_rule("freeze: {timezone: UTC, windows: []}"), "f:4:70: nothing stands here", id="never frozen"
        ),
        pytest.param(
            in_rule("on_inconclusive: wait"),
            "f:4:54: 'wait' is not known here, known here: ask, reject, hold",
            id="on_inconclusive",
        ),
        pytest.param(in_rule("approvals: true"), "f:4:48: 'true' is not a list", id="approvals true"),
        pytest.param(
            in_rule("on_pass: [{notify: x}]"), "f:4:46: a promotion would move nothing", id="moves nothing"
        ),
        pytest.param(in_rule("on_pass: []"), "f:4:46: a promotion would move nothing", id="no step"),
        pytest.param(
            in_rule("on_pass: [{transition: staging}]"),
            "f:4:60: this transition leads to production",
            id="astray",
        ),
        pytest.param(
            in_rule("on_fail: [{transition: production}]"),
            "f:4:60: a rejected version must not reach production",
            id="rejected into production",
        ),
        pytest.param(
            in_rule("on_fail: [{transition: archived, archive_existing: true}]"),
            "f:4:70: 'archived' keeps all its versions",
            id="archive the archived",
        ),
        pytest.param(
            in_rule("on_fail: [{alias: v3}]"), "f:4:55: 'v3' cannot be an alias", id="reserved alias"
        ),
        pytest.param(
            in_rule("on_fail: [{rollback: x}]"), "f:4:48: unknown step 'rollback', known here:", id="step"
        ),
        pytest.param(
            in_rule("on_fail: [{notify: }]"),
            "f:4:56: nothing stands here, write a text (in quotes",
            id="whom",
        ),
        pytest.param(
            HEAD + "  - {from: stagin, to: production}",
            "f:4:12: no stage 'stagin', did you mean 'staging'?",
            id="stage",
        ),
        pytest.param(
            HEAD + "  - {from: production, to: staging}",
            "f:4:28: production -> staging is no promotion",
            id="downward",
        ),
        pytest.param(
            in_rule("approvals: 1") + "  - {from: staging, to: production}",
            "f:5:12: an earlier transition leaves staging too",
            id="two ways out",
        ),
    ],
)
def test_a_problem_is_told_with_place_and_remedy(text, problem):
    assert any(line.startswith(problem) for line in problems_of(text)), problems_of(text)


def test_all_problems_come_at_once_in_file_order():
    text = """\
polisy: x
models: taxi
mode: both
mode: audit
transitions:
  - from: stagin
    to: production
    gates:
      - {metric: rsme, max: 5}
      - {metric: mae, compared_to: champion, margin: 2}
"""
    assert [line.split(": ")[0] for line in problems_of(text)] == [
        "f:1:1", "f:1:1", "f:2:9", "f:3:7", "f:4:1", "f:6:11", "f:9:18", "f:10:54",
    ]  # fmt: skip


def test_wrong_entries_do_not_make_a_list_seem_empty():
    assert problems_of(in_gate("{metrik: rmse}")) == ["f:7:10: unknown gate 'metrik', did you mean 'metric'?"]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_the_smallest_example_can_be_read(end):
    policy = parse_policy(SMALLEST.replace("\n", end), file="f")
    assert policy.name == "taxi-fare"
    assert [gate.label for gate in policy.transitions[0].gates] == ["rmse", "mae against champion"]
    assert len(policy.digest) == 64
