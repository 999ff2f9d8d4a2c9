"""Templates of the author's tools, filled in: HTML escaped, Markdown and YAML by filters of their own."""

import json
import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

_MARK_UP = re.compile(r"([\\`*<>\[\]|])")
_PLAIN_SCALAR = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_WORDS = {"true", "false", "null"}


def render(template: str, **values: Any) -> str:
    """One template of this package with its values; a value that it lacks is an error."""
    pages = Environment(
        loader=PackageLoader("gatehouse.policy"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    pages.filters |= {"plain": _plain, "code": _code, "yaml": as_yaml}
    return pages.get_template(template).render(values)


def _plain(text: str) -> str:
    """Words that Markdown must not take for its own signs."""
    return _MARK_UP.sub(r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """Text within a code span, which a backtick would end."""
    return " ".join(text.split()).replace("`", "'")


def as_yaml(text: str) -> str:
    """A text that YAML reads as this text, in quotes where it needs them."""
    plain = _PLAIN_SCALAR.fullmatch(text) and text.lower() not in _WORDS
    quoted = json.dumps(text, ensure_ascii=False)
    return text if plain else "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)
