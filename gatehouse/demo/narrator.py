"""Tells the story on the terminal as it happens: chapters, sentences, and what takes its time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel

from gatehouse.pages import COLOURS, console
from ledger.history import Entry
from notifications.message import Message


class Narrator:
    """Prints; on a terminal with colours and a spinner, elsewhere as plain lines."""

    def __init__(self) -> None:
        self._screen = console()
        self._chapter = 0
        self._began = time.monotonic()

    def chapter(self, title: str) -> None:
        """The next part of the story, with the time since its beginning."""
        self._chapter += 1
        at = time.monotonic() - self._began
        self._screen.print(f"\n[bold]{self._chapter}. {escape(title)}[/]  [dim]{at:.0f} s[/]")

    def say(self, sentence: str) -> None:
        """One sentence."""
        self._screen.print(f"   {escape(sentence)}")

    def entry(self, entry: Entry) -> None:
        """One line of the timeline, as it appears."""
        colour = COLOURS.get(entry.outcome, "dim")  # type: ignore[call-overload]
        outcome = f"[{colour}]{entry.outcome}[/] " if entry.outcome else ""
        self._screen.print(f"   [dim]{entry.kind:>8}[/] {outcome}{escape(entry.sentence)}")

    def message(self, message: Message) -> None:
        """A message as its channel shows it."""
        gates = [f"{line.outcome:>6}  {line.gate}: {line.sentence}" for line in message.lines]
        asked = [f"{message.ask.what}:", message.ask.command] if message.ask else []
        text = "\n".join([message.text, "", *gates, "", *asked]).strip()
        title = f"{message.channel}: {message.title}"
        self._screen.print(Padding(Panel(escape(text), title=escape(title), title_align="left"), (0, 3)))

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Something that takes a while."""
        began = time.monotonic()
        if not self._screen.is_terminal:
            self.say(f"{what} ...")
        with self._screen.status(f"{escape(what)} ..."):
            yield
        self.say(f"{what}: done after {time.monotonic() - began:.1f} s")
