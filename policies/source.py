"""YAML text -> plain data, with the place of every node, under rules that cannot surprise.

Scalars follow YAML 1.2's core schema: `no`, `on` and dates stay text. Duplicate keys, aliases (a small file
can unfold to gigabytes), tags and a second document are refused. What the data means is left to `parse`.
Works on the parser's events: they carry the place of an alias, and deep nesting cannot exhaust the stack.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from policies.problems import PolicyInvalid, Problem
from policies.scalars import scalar
from policies.syntax import syntax_problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 30
MAX_REFUSED = 100
"""A file with more than that is no policy with slips, and is not read on."""

Place = tuple[int, int]
"""Line and column, both from 1."""
Path = tuple[str | int, ...]
"""Keys and indices from the top of the document, as pydantic writes them."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Node:
    """A value with its place; `key` is the place of the key that leads to it."""

    value: Any
    place: Place
    key: Place
    inside: "dict[str | int, Node]" = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A file's text, its data, and the problems that did not stop the reading."""

    file: str
    text: str
    root: Node
    problems: tuple[Problem, ...] = ()

    def place(self, path: Path, *, on_key: bool = False) -> Place:
        """Where a path stands; of a path that is not there, where its nearest ancestor stands."""
        node = self.root
        for depth, step in enumerate(path):
            if step not in node.inside:
                return node.place
            node = node.inside[step]
            if on_key and depth == len(path) - 1:
                return node.key
        return node.place

    def node(self, path: Path) -> Node | None:
        """What is written at a path, if something is."""
        node = self.root
        for step in path:
            if step not in node.inside:
                return None
            node = node.inside[step]
        return node

    def problem(self, path: Path, what: str, instead: str = "", *, on_key: bool = False) -> Problem:
        """A problem at a path."""
        line, column = self.place(path, on_key=on_key)
        return Problem(file=self.file, line=line, column=column, what=what, instead=instead)


def read_source(raw: bytes | str, file: str) -> Source:
    """Read one document. Raises PolicyInvalid where the text is no YAML at all."""
    text = _text(raw, file)
    reader = _Reader(file)
    try:
        root = reader.document(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        raise PolicyInvalid([*reader.problems, syntax_problem(error, text, file)]) from error
    return Source(file=file, text=text, root=root, problems=tuple(reader.problems))


def _text(raw: bytes | str, file: str) -> str:
    """The text of a file that is UTF-8, of a bearable size, and not empty."""
    if len(raw) > MAX_BYTES:
        raise PolicyInvalid([_at_top(file, "the file is larger than 1 MB", "split it into several policies")])
    if isinstance(raw, bytes):
        try:
            raw = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            where = f"the file is not UTF-8 text (byte {error.start})"
            raise PolicyInvalid([_at_top(file, where, "save it as UTF-8")]) from error
    if not re.search(r"^\s*[^\s#]", raw, re.MULTILINE):
        raise PolicyInvalid([_at_top(file, "the file is empty", "write a policy, or remove the file")])
    return raw


def _at_top(file: str, what: str, instead: str) -> Problem:
    return Problem(file=file, line=1, column=1, what=what, instead=instead)


class _Reader:
    """Builds nodes from parser events, noting what is refused and reading on.

    Events are untyped here: the parser's stubs know neither their tags nor that they have marks.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def document(self, events: Iterator[Any]) -> Node:
        self.events = events
        root = Node(None, (1, 1), (1, 1))
        documents = 0
        for event in events:
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                self._refuse(event, "a second document starts here", "write one policy a file")
                break
            if isinstance(event, yaml.NodeEvent):
                root = self._node(event, (1, 1), 0)
        return root

    def _node(self, event: Any, key: Place | None, depth: int) -> Node:
        place = _place(event)
        node = Node(None, place, key or place)
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"'*{event.anchor}' repeats another part of the file", "write the part out")
            return node
        if event.anchor:
            self._refuse(event, f"'&{event.anchor}' names a part of the file", "write the part out where due")
        if event.tag is not None:
            self._refuse(event, f"the tag {event.tag} is not allowed", "write the plain value")
        if depth > MAX_DEPTH:
            self._refuse(event, "this is nested too deeply", f"stay within {MAX_DEPTH} levels")
            raise PolicyInvalid(self.problems)
        if isinstance(event, yaml.MappingStartEvent):
            node.value = self._mapping(node, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            node.value = self._sequence(node, depth)
        elif isinstance(event, yaml.ScalarEvent):
            node.value = scalar(event.value) if event.implicit[0] else event.value
        return node

    def _mapping(self, node: Node, depth: int) -> dict[str, Any]:
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            name = event.value if isinstance(event, yaml.ScalarEvent) else None
            if name is None:
                self._refuse(event, "a key must be plain text", "write key: value")
                self._node(event, None, depth + 1)
            child = self._node(next(self.events), _place(event), depth + 1)
            if name in node.inside:
                first = node.inside[name].key[0]
                instead = f"keep one; the first is on line {first}"
                self._refuse(event, f"the key '{name}' stands twice", instead)
            elif name is not None:
                node.inside[name] = child
        return {str(name): child.value for name, child in node.inside.items()}

    def _sequence(self, node: Node, depth: int) -> list[Any]:
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            node.inside[len(node.inside)] = self._node(event, None, depth + 1)
        return [child.value for child in node.inside.values()]

    def _refuse(self, event: Any, what: str, instead: str) -> None:
        line, column = _place(event)
        self.problems.append(Problem(file=self.file, line=line, column=column, what=what, instead=instead))
        if len(self.problems) >= MAX_REFUSED:
            raise PolicyInvalid(self.problems)


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1
