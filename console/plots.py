"""The plots of a kept report, each as a picture of its own for the candidate's page.

They are taken out of the page that the workers made. Colours that the report's sheet would give are given
here, by day and by night.
"""

import re
from dataclasses import dataclass
from html import unescape

_FIGURE = re.compile(r"<figure>\s*<figcaption>(.*?)</figcaption>\s*<svg (.*?)</svg>", re.DOTALL)
_LABEL = re.compile(r'aria-label="([^"]*)"')
_COLOURS = (
    "<style>:root{--ink:#1c2129;--soft:#5a6473;--line:#d3d9e1;--candidate:#2866d6;--champion:#c2571a}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e7eaef;--soft:#a2acba;--line:#363e4b;"
    "--candidate:#7ba6ff;--champion:#f0924f}}text{font-family:system-ui,sans-serif!important}"
    "image{image-rendering:pixelated}</style>"
)


@dataclass(frozen=True)
class ReportPlot:
    """One plot: its title, what is to be seen in words, and a document of its own."""

    title: str
    alt: str
    svg: str


def plots_of(page: str) -> list[ReportPlot]:
    """Every plot of a report, in its order; of what is no report of ours, none."""
    return [_plot(*found.groups()) for found in _FIGURE.finditer(page)]


def _plot(title: str, svg: str) -> ReportPlot:
    head, _, drawing = svg.partition(">")
    label = _LABEL.search(head)
    alt = unescape(label[1]) if label else unescape(title)
    document = f'<svg xmlns="http://www.w3.org/2000/svg" {head}>{_COLOURS}{drawing}</svg>'
    return ReportPlot(unescape(title), alt, document)
