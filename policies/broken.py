"""Broken: a file that is no valid policy, and the models it seems to name all the same.

Read by lines, as the file may not even be YAML: a model whose own policy is broken must not fall to a laxer
one that happens to match it.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from policies.language import Policy
from policies.problems import Problem

_TOP_KEY = re.compile(r"[\"']?(\w+)[\"']?\s*:")
_COMMENT = re.compile(r"(^|\s)#.*")
_NAME = re.compile(r"[^\s,\"'{}\[\]]+")


@dataclass(frozen=True)
class Broken:
    """One file, its text as far as it can be read, and what is wrong with it."""

    file: str
    text: str
    problems: tuple[Problem, ...]
    last_good: Policy | None = None
    """What the file said before it was broken, if that is known: it stays in force."""

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Names and globs below `models:`, or below what it was misspelt as."""
        return tuple(name for name in self._words() if name != "-")

    def _words(self) -> Iterator[str]:
        within = False
        for line in self.text.splitlines():
            if key := _TOP_KEY.match(line):
                within = bool(difflib.get_close_matches(key[1].lower(), ["models"]))
            if within:
                yield from _NAME.findall(_COMMENT.sub("", line[key.end() if key else 0 :]))
