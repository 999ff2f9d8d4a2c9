"""The page of one validation: it asks nobody, runs nothing, hides nothing, and is the same every time."""

import dataclasses
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.verdicts import Outcome, Verdict
from tests.validation.reports import made
from validation.reports.bar import bar_of
from validation.reports.drawn import draw, pngs
from validation.reports.page import page
from validation.reports.plots.canvas import Plot, plain
from validation.reports.sketch import Sketch

KINDS = {
    "figures": made.of_fares,
    "figures of a first version": lambda: made.of_fares(champion=False),
    "classes": made.of_tips,
    "classes of a first version": lambda: made.of_tips(champion=False),
    "a model that did not load": made.of_failed,
    "hostile names": made.of_hostile,
    "few rows": lambda: made.of_fares(60),
    "a judgement of an older release": lambda: dataclasses.replace(made.of_fares(60), sketch=Sketch()),
}


class Reader(HTMLParser):
    """Every element with its attributes, and all text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text, self.open = [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module", params=KINDS.values(), ids=KINDS.keys())
def report(request):
    return request.param()


@pytest.fixture(scope="module")
def html(report):
    return page(report, draw(report))


def test_it_asks_nothing_of_anybody_and_runs_nothing(html):
    elements = Reader(html).elements
    assert not {tag for tag, _ in elements} & {"script", "iframe", "object", "embed", "link", "form", "base"}
    for tag, attributes in elements:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "xlink:href", "action"):
            assert attributes.get(name, "#").startswith(("#", "data:image/png;base64,")), (tag, attributes)
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)


def test_every_plot_says_in_words_what_it_shows(report, html):
    shown = [attributes for tag, attributes in Reader(html).elements if tag == "svg"]
    assert all(each.get("role") == "img" and each.get("aria-label") for each in shown)
    assert len(shown) >= len(list(draw(report).all))


def test_every_table_has_headers(html):
    elements = Reader(html).elements
    heads = [attributes.get("scope") for tag, attributes in elements if tag == "th"]
    assert heads.count("row") >= 1
    assert heads.count("col") >= 8
    assert None not in heads


def test_no_two_elements_have_one_id(html):
    ids = [attributes["id"] for _, attributes in Reader(html).elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_it_is_the_same_every_time(report, html):
    assert page(report, draw(report)) == html


def test_it_tells_every_verdict_with_both_digests(report, html):
    text = " ".join(Reader(html).text.split())
    for verdict in report.evaluation.verdicts:
        assert plain(verdict.sentence, 2_000) in text
    assert report.evaluation.evidence_digest in text
    assert report.evaluation.policy_digest in text
    assert "2026-11-23 12:00:00 UTC" in text


def test_pngs_are_the_same_plots(report):
    found = pngs(draw(report))
    assert [*found] == [f"{plot.name}.png" for plot in draw(report).all]
    assert all(content.startswith(b"\x89PNG") for content in found.values())
    assert found == pngs(draw(report))


def test_what_was_not_measured_is_said_where_no_gate_says_it():
    report = made.of_failed()
    untold = report.evaluation.model_copy(update={"verdicts": ()})
    bare = dataclasses.replace(report, evaluation=untold)
    assert "did not load: ImportError" in page(bare, draw(bare))
    assert "The policy judged no gate." in page(bare, draw(bare))


@pytest.mark.parametrize(
    "label", [made.HOSTILE, "$x^2$", "日本\ud83d\ude80", "a" * 500, "", "\u202egnp", "%s{0}"]
)
def test_any_label_can_be_drawn(label):
    plot = Plot("p", label, label, lambda axes: axes.set_xlabel(plain(label)))
    assert "<script" not in plot.svg()
    assert plot.png().startswith(b"\x89PNG")


FIGURES = st.floats(allow_nan=True, allow_infinity=True)


@given(FIGURES, FIGURES, FIGURES, FIGURES)
def test_a_bar_stays_in_its_picture_and_in_order(low, high, value, bound):
    verdict = Verdict(
        gate="g", outcome=Outcome.PASS, sentence="s", value=value, bound=bound, interval=(low, high)
    )
    bar = bar_of(verdict)
    if bar is not None:
        assert 0 <= bar.low <= bar.high <= 100
        assert 0 < bar.value < 100
        assert 0 < bar.bound < 100
        assert (bar.value <= bar.bound) or value > bound
