import pytest

from policies.expressions.condition import ConditionFailed, compiled, of_any
from policies.expressions.reading import MAX_CHARACTERS, ExpressionInvalid, read
from policies.gates.expression import condition

TYPES = (("a", "number"), ("t", "text"), ("d", "any"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("candidate.metrics.rsme < 1", "no metric 'rsme', did you mean 'rmse'?"),
        ("candiate.metrics.rmse < 1", "no 'candiate' in 'candiate.metrics.rmse', did you mean 'candidate'?"),
        ("candidate.metric.rmse < 1", "no 'metric' in 'candidate.metric.rmse', did you mean 'metrics'?"),
        ("rmse < 1", "no 'rmse' in 'rmse', known here: candidate, champion"),
        ("candidate.metrics.rmse.x < 1", "names nothing, write three parts: candidate.metrics.rmse"),
        ("candidate.metrics['rmse'] < 1", "write candidate.metrics.rmse"),
        ("candidate.tags == champion.tags", "write three parts: candidate.tags.NAME"),
        ("candidate.metrics.rmse", "this is not a condition: its answer is not yes or no"),
        ("'yes'", "this is not a condition"),
        ("candidate.tags.owner < 1", "'<' does not go with a text and a number"),
        ("candidate.metrics.rmse ? true : false", "does not go with a number"),
        ("candidate.metrics.rmse <", "Syntax error: mismatched input '<EOF>'"),
        ("candidate.metrics.rmse < 9e999", "'9e999' is too large for a number"),
        ("candidate.metrics.rmse / champion.metrics.rmse < 2", "not a / b < 2, but a < 2 * b"),
        ("1 / 0 == 1", "division by '0', which may be zero"),
        ("candidate.metrics.rmse % 2 == 0", "'% 2 == 0' is not understood"),
        ("has(candidate.tags.owner)", "'has' cannot be called here, known here: startsWith"),
        ("candidate.tags.owner.startWith('a')", "'startWith' cannot be called here, did you mean 'startsWith'?"),
        ("[1, 2].all(x, x > 1)", "is not understood"),
        ("candidate.tags.all(t, true)", "'all' cannot be called here"),
        ("'''a''' == 'a'", "is not understood"),
        ("// true\ntrue", "division by '/', which may be zero"),
        ("", "an empty expression"),
        ("true" + " && true" * 200, f"write at most {MAX_CHARACTERS:,}"),
        ("(" * 40 + "true" + ")" * 40, "Expression recursion limit exceeded"),
        ("1.0" + " + 1" * 150 + " > 2", "Exceeded max recursion depth"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_when_the_policy_is_loaded(text, says):
    with pytest.raises(ExpressionInvalid) as refused:
        condition(text)
    assert says in str(refused.value)


MILLION = "[" + "0," * 100 + "0]"


@pytest.mark.parametrize("macro", ["all", "exists", "exists_one", "map", "filter"])
@pytest.mark.parametrize("over", ["[1, 2]", MILLION, "candidate.tags", "candidate.logged.x", "d"])
def test_there_are_no_loops(macro, over):
    with pytest.raises(ExpressionInvalid):
        read(f"{over}.{macro}(x, x > 0.0)")


@pytest.mark.parametrize(
    ("text", "values", "answer"),
    [
        ("a < 2", {"a": 1.0}, True),
        ("a < 2 * a", {"a": 1.0}, True),
        ("a == 5", {"a": 5.0}, True),
        ("a / 2 > 2.4", {"a": 5.0}, True),
        ("5 / 2 == 2.5", {}, True),
        ("t in ['x', 'y']", {"t": "y"}, True),
        ("!t.startsWith('x')", {"t": "xy"}, False),
        ("t.matches('^[a-z]+$')", {"t": "xy"}, True),
        ("d != null && d > 3", {"d": None}, False),
        ("d != null && d > 3", {"d": 4.0}, True),
        ("a < 1 ? t == 'x' : t == 'y'", {"a": 2.0, "t": "y"}, True),
    ],
)
def test_numbers_are_decimals_and_answers_are_booleans(text, values, answer):
    assert compiled(text, TYPES).holds(values) is answer


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        ("a < 1", {}, "a"),
        ("d < 1", {"d": "x"}, "No matching overloads"),
        ("!(d > 3)", {"d": None}, "No matching overloads"),
        ("d", {"d": True}, None),
        ("t.matches('(')", {"t": "x"}, "invalid regular expression"),
    ],
)
def test_an_error_is_never_an_answer(text, values, says):
    if says is None:
        with pytest.raises(ExpressionInvalid, match="not a condition"):
            compiled(text, TYPES)
        return
    with pytest.raises(ConditionFailed, match=says):
        compiled(text, TYPES).holds(values)


def test_what_backtracks_for_ever_elsewhere_has_an_answer():
    hard = "t.matches('(a+)+(b+)+$') || " * 30 + "false"
    assert compiled(hard, TYPES).holds({"t": "a" * 100_000}) is False


def test_of_a_row_every_name_may_be_anything():
    assert [name.written for name in of_any("hour >= 20 || zone == 'jfk' || hour < 6").names] == [
        "hour",
        "zone",
    ]
    with pytest.raises(ExpressionInvalid, match="write the name of a column"):
        of_any("row['hour'] > 3")
