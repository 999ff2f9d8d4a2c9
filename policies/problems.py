"""Problem: one thing wrong with a policy file, where it stands, and what to write instead."""

import difflib
from collections.abc import Collection, Iterable

from registry.words import Value


class Problem(Value):
    """One thing wrong in one file; `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    what: str
    instead: str = ""

    @property
    def place(self) -> str:
        """As editors and terminals make a link of it."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def sentence(self) -> str:
        """What is wrong and what to write instead, without the place."""
        return f"{self.what}, {self.instead}" if self.instead else self.what

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


class PolicyInvalid(Exception):
    """A policy file says something that cannot be meant; carries every problem found, once, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(dict.fromkeys(problems), key=lambda p: (p.file, p.line, p.column)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def suggest(word: str, known: Collection[str]) -> str:
    """What to write instead of an unknown word: the nearest known one, else the list of them."""
    if near := difflib.get_close_matches(word, known, n=1, cutoff=0.6):
        return f"did you mean '{near[0]}'?"
    return f"known here: {', '.join(known)}" if known else "take it out"
