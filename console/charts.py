"""The plots of a model's page: pygal draws them, the console's own sheet gives them their colours.

Pygal puts styles and scripts of its own beside its drawing, for pages that have none: they are taken out,
since our pages allow neither.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pygal
from markupsafe import Markup

from console.readings.figures import Series
from console.readings.reigns import Reign, Way
from console.words import TONES, exact, figure, tone

WIDTH, HEIGHT = 860, 250
TICKS = 6
"""Labels along an axis: as many as can be read."""
LONG, SHORT = timedelta(days=300), timedelta(days=3)
NAMELESS = {"defs", "desc"}
"""Elements of pygal's that are for its own scripts."""


def of_reigns(reigns: Sequence[Reign], now: datetime) -> Markup:
    """Which versions were live when; a dot where each came, coloured by how."""
    chart = _chart(
        x_value_formatter=_day_of(min(reign.since for reign in reigns), now),
        y_labels=[{"value": v, "label": f"v{v}"} for v in _some(sorted({r.version for r in reigns}))],
    )
    ends = [reign.until or now for reign in reigns]
    first, last = min(reign.since for reign in reigns).timestamp(), max([*ends, now]).timestamp()
    chart.x_labels = [first + (last - first) * step / (TICKS - 1) for step in range(TICKS)]
    lines: list[Any] = []
    for reign, end in zip(reigns, ends, strict=True):
        lines += [(reign.since.timestamp(), reign.version), (end.timestamp(), reign.version), None]
    chart.add("live", lines[:-1], show_dots=False)
    for way in Way:
        came = [reign for reign in reigns if reign.way is way]
        dots = [{"value": (r.since.timestamp(), r.version), "label": told_of(r)} for r in came]
        chart.add(way.value, dots, stroke=False)
    spoken = f"What was live when: {'; '.join(map(told_of, reigns[-TICKS:]))}"
    return _svg(chart, "reigns", spoken)


def told_of(reign: Reign) -> str:
    """A reign in words."""
    by = f" by {reign.who}" if reign.who else ""
    until = f", until {exact(reign.until)}" if reign.until else ", still live"
    return f"v{reign.version} {reign.way}{by} {exact(reign.since)}{until}"


def of_series(series: Series) -> Markup:
    """One metric over versions; dots are coloured by what was decided."""
    points = series.points
    chart = _chart(
        x_value_formatter=lambda version: f"v{version:.0f}",
        y_value_formatter=figure,
    )
    chart.x_labels = _some([point.version for point in points])
    chart.add(series.name, [(point.version, point.value) for point in points], show_dots=False)
    for name in TONES:
        decided = [point for point in points if tone(point.answer) == name]
        dots = [
            {"value": (p.version, p.value), "label": f"v{p.version}: {figure(p.value)}, {p.answer}"}
            for p in decided
        ]
        chart.add(name, dots, stroke=False)
    last = points[-1]
    spoken = f"{series.name} of {len(points)} versions; the last, v{last.version}, has {figure(last.value)}"
    return _svg(chart, "series", spoken)


def _chart(**options: Any) -> Any:
    return pygal.XY(
        width=WIDTH,
        height=HEIGHT,
        margin=12,
        dots_size=5,
        show_legend=False,
        allow_interruptions=True,
        show_x_guides=False,
        print_values=False,
        no_data_text="",
        **options,
    )


def _some(values: Sequence[int]) -> list[int]:
    """A few of many, the last one always among them."""
    step = -(-len(values) // (TICKS + 2))
    return list(values[::-1][::step][::-1])


def _day_of(first: datetime, last: datetime) -> Any:
    """How times are written along an axis that is so long."""
    span = last - first
    form = "%b %Y" if span > LONG else "%d %b" if span > SHORT else "%d %b %H:%M"
    return lambda seconds: f"{datetime.fromtimestamp(seconds, UTC):{form}}"


def _svg(chart: Any, kind: str, spoken: str) -> Markup:
    """Pygal's drawing without what is for its own scripts; each dot says its label when it is pointed at."""
    root = chart.render_tree()
    for dots in [group for group in root.iter("g") if group.get("class") == "dots"]:
        label = dots.findtext("desc[@class='label']")
        ET.SubElement(dots, "title").text = label
    for parent in list(root.iter()):
        for child in [child for child in parent if _is_for_scripts(child)]:
            parent.remove(child)
    for title in root.findall("title"):
        root.remove(title)
    root.attrib.pop("id", None)
    for name, value in {"class": f"chart {kind}", "role": "img", "aria-label": spoken}.items():
        root.set(name, value)
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 every label was escaped by ElementTree


def _is_for_scripts(element: Any) -> bool:
    """Also comments, whose tag is no text."""
    kinds = set(element.get("class", "").split()) if isinstance(element.tag, str) else {"comment"}
    return element.tag in NAMELESS or bool(kinds & {"tooltip-overlay", "titles", "comment"})
