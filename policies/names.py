"""Names of people: when two are the same person's, when one only looks like another, and what no name may be.

Whoever counts must be named exactly; whoever is kept out is kept out under every name that looks like theirs.
"""

import re
import unicodedata

NAME_MAX = 200
"""Characters of a name."""

_LOOK_ALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝѵοανρτυικχзεβгтнкмвɡı",
    "aeopcyxijshdqwvoavptuikx3ebrthkmbgi",
)
"""Small Cyrillic, Greek and other letters that are drawn like Latin ones, and those."""
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
"""Marks that change the direction of what follows, so that a name is shown as another."""
_BLANKS = re.compile(r"\s+")


def tidy(name: str) -> str:
    """A name as it is kept: composed, without blanks around it or several in a row."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", name)).strip()


def same_person(name: str) -> str:
    """A name as it is compared: case, width and blanks make no other person, nor does what nobody sees."""
    seen = "".join(c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFKC", tidy(seen).casefold())


def appearance(name: str) -> str:
    """What a name looks like: equal for names that a reader takes for the same."""
    return same_person(name).translate(_LOOK_ALIKE)


def unfit_name(name: str) -> str | None:
    """Why this cannot be a person's name; None if it can."""
    if not same_person(name):
        return "nobody is named"
    if len(name) > NAME_MAX:
        return f"a name has at most {NAME_MAX} characters, this one has {len(name):,}"
    if any(c in _TURNS or unicodedata.category(c) in {"Cc", "Cs"} for c in name):
        return "a name has no line breaks, control characters or marks that turn its direction"
    return None
