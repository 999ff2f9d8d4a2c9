import pytest
from pydantic_core import PydanticCustomError

from policies.figures import numbers, on_rows, percent
from policies.quantities import parse_duration, parse_percent


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60s", 60), ("25ms", 0.025), ("5m", 300), ("72h", 259_200), ("30d", 2_592_000), ("1.5 s", 1.5)],
)
def test_a_duration_is_a_number_and_a_unit(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "given", ["60", "s", "-5s", "0s", "1h30m", "5 weeks", "", 60, None, True, [], "9" * 400 + "d"]
)
def test_what_is_no_duration_is_refused_with_what_to_write(given):
    with pytest.raises(PydanticCustomError) as caught:
        parse_duration(given)
    assert caught.value.context["instead"].startswith("write ")


@pytest.mark.parametrize(
    ("text", "fraction"), [("2%", 0.02), ("-20%", -0.2), ("2.5 %", 0.025), ("0%", 0), ("+5%", 0.05)]
)
def test_a_percent_is_a_fraction(text, fraction):
    assert parse_percent(text) == fraction


@pytest.mark.parametrize(
    ("given", "instead"),
    [(5, "write 5%"), (0.05, "write 5%"), (-0.2, "write -20%"), (0, "write 0%"), (2.5, "write 2.5%")]
    + [
        (text, "write a number and %, such as 2%")
        for text in ("5", "five%", "%", True, None, "nan%", "9" * 400 + "%")
    ],
)
def test_what_is_no_percent_is_refused_with_what_to_write(given, instead):
    with pytest.raises(PydanticCustomError) as caught:
        parse_percent(given)
    assert caught.value.context["instead"] == instead


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((5.31, 5), ("5.31", "5.00")),
        ((5.004, 5.0), ("5.004", "5.000")),
        ((0.004, 0.02), ("0.004", "0.020")),
        ((54343.0, 5.0), ("54,343.00", "5.00")),
        ((0.0, -0.0), ("0.00", "0.00")),
        ((1e300, 5.0), ("1e+300", "5")),
        ((float("nan"), 5.0), ("nan", "5")),
        ((5.0, 5.0 + 1e-15), ("5", "5.000000000000001")),
    ],
)
def test_different_figures_never_look_alike(values, texts):
    assert numbers(*values) == texts


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0.125, "12.5%"), (0.02, "2%"), (-0.0004, "0.04%"), (12.5, "1,250%"), (float("inf"), "endlessly")],
)
def test_percents_have_about_three_figures(fraction, text):
    assert percent(fraction) == text


def test_one_row_is_not_rows():
    assert (on_rows(1), on_rows(10_377)) == ("on 1 row", "on 10,377 rows")
