"""The page of one validation: one HTML file that asks nothing of anybody, and runs no script.

Names, sentences and labels are whatever models, data and policies put there: the template escapes them all.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from policies.evidence.gap import Gap
from policies.figures import numbers, percent
from policies.verdicts import Answer, Outcome, Severity, Verdict
from validation.reports.bar import bar_of
from validation.reports.drawn import Drawn
from validation.reports.plots.canvas import Plot, plain
from validation.reports.report import Report

TONES = {
    "good": {Outcome.PASS, Answer.PROMOTE},
    "bad": {Outcome.FAIL, Answer.REJECT},
    "open": {Outcome.INCONCLUSIVE, Answer.ASK},
    "odd": {Outcome.ERROR, Answer.HOLD},
}


def page(report: Report, drawn: Drawn) -> str:
    """The HTML."""
    return _templates().get_template("report.html").render(report=report, drawn=drawn, gaps=_untold(report))


def _untold(report: Report) -> dict[str, Gap]:
    """What was not measured, as far as no gate says why."""
    told = [verdict.sentence for verdict in report.evaluation.verdicts]
    gaps = {key: found for key, found in report.evidence.findings.items() if isinstance(found, Gap)}
    return {key: gap for key, gap in gaps.items() if not any(gap.reason in sentence for sentence in told)}


@cache
def _templates() -> Environment:
    pages = Environment(
        loader=PackageLoader("validation.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {
        "figure": _figure,
        "tone": _tone,
        "bar": bar_of,
        "ends": _ends,
        "share": _share,
        "when": _when,
        "svg": _svg,
        "clean": lambda text: plain(str(text), 2_000),
    }
    return pages


def _svg(plot: Plot) -> Markup:
    return Markup(plot.svg())  # noqa: S704 our own drawing, in which every label is escaped


def _figure(value: float | None) -> str:
    return "" if value is None else numbers(value)[0]


def _ends(ends: Iterable[float] | None) -> str:
    return "" if ends is None else " to ".join(numbers(*ends))


def _share(fraction: float | None) -> str:
    if fraction is None:
        return ""
    return f"{'+' if fraction > 0 else '-' if fraction < 0 else ''}{percent(fraction)}"


def _tone(said: Verdict | Answer) -> str:
    """The colour; what only warns is not drawn as what blocks."""
    if isinstance(said, Verdict):
        warns = said.severity is Severity.WARN and said.outcome is Outcome.FAIL
        return "odd" if warns else _toned(said.outcome)
    return _toned(said)


def _toned(word: Outcome | Answer) -> str:
    return next((tone for tone, words in TONES.items() if word in words), "plain")


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
