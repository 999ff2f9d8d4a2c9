"""Draws a plot: the same bytes every time, as SVG that takes its colours from the page, or as PNG.

Matplotlib is imported when something is drawn, and its global state is left alone. Labels come from models,
data and policies: they are never read as mark-up or formulas.
"""

import io
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, LINE = "#1c2129", "#5a6473", "#d3d9e1"
CANDIDATE, CHAMPION = "#2866d6", "#c2571a"
COLOURS = {INK: "ink", SOFT: "soft", LINE: "line", CANDIDATE: "candidate", CHAMPION: "champion"}
"""As PNGs have them; in SVG each is the page's variable of that name, so that a plot is dark in the dark."""
WIDTH, HEIGHT = 4.8, 3.4
"""Inches: about as wide as a phone, so that its letters are read there as they are."""
_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "gatehouse",
    "svg.fonttype": "none",
    "text.parse_math": False,
    "text.usetex": False,
    "font.size": 9,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "text.color": INK,
    "legend.frameon": False,
    "legend.labelcolor": INK,
}
_SHOWN = 40


@dataclass(frozen=True)
class Plot:
    """One picture: `name` is its file's, `alt` says in words what is to be seen, `paint` draws it."""

    name: str
    title: str
    alt: str
    paint: Callable[["Axes"], None]
    size: tuple[float, float] = (WIDTH, HEIGHT)
    note: str = ""

    def svg(self) -> str:
        """An element for a page: without addresses, scripts and dates, its ids beginning with the name."""
        raw = self._saved("svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        return _for_a_page(raw, self.name, self.alt)

    def png(self) -> bytes:
        """On white, 160 dots an inch, with the title."""
        return self._saved("png", dpi=160, facecolor="white", metadata={"Software": None})

    def _saved(self, form: str, **options: Any) -> bytes:
        out = io.BytesIO()
        with _drawing(self.size) as figure:
            axes = figure.add_subplot()
            self.paint(axes)
            if form == "png":
                axes.set_title(plain(self.title, 80), fontsize=9, color=INK, loc="left")
            figure.savefig(out, format=form, transparent=form == "svg", **options)
        return out.getvalue()


def plain(text: str, most: int = _SHOWN) -> str:
    """A label as it may be shown: one line, nothing invisible in it, not endless."""
    shown = "".join("\N{REPLACEMENT CHARACTER}" if _unseen(c) else c for c in " ".join(text.split()))
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _unseen(character: str) -> bool:
    """Control, format, surrogate and unassigned characters: they turn lines around, or break XML."""
    return unicodedata.category(character).startswith("C")


@contextmanager
def _drawing(size: tuple[float, float]) -> Iterator["Figure"]:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        # A script that the font lacks is drawn as boxes in a PNG, and by the reader's own fonts in the page.
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)
        yield Figure(figsize=size, layout="constrained")


def _for_a_page(raw: bytes, name: str, alt: str) -> str:
    root = ET.fromstring(raw)  # noqa: S314 Matplotlib wrote it, and escaped what was not its own
    for parent in list(root.iter()):
        for child in [each for each in parent if each.tag.endswith("}metadata")]:
            parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for key, value in list(element.attrib.items()):
            del element.attrib[key]
            element.set(key.rpartition("}")[2], _of_the_page(key, value, name))
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-label", plain(alt, 600))
    return ET.tostring(root, encoding="unicode")


def _of_the_page(key: str, value: str, name: str) -> str:
    """An attribute's value with ids of its own, and the page's colours."""
    if key == "id":
        return f"{name}-{value}"
    value = value.replace("url(#", f"url(#{name}-")
    if key.endswith("href") and value.startswith("#"):
        return f"#{name}-{value[1:]}"
    if key == "style":
        for colour, variable in COLOURS.items():
            value = value.replace(colour, f"var(--{variable})")
    return value
