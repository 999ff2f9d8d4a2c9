"""What makes another's gate one that can be relied on: checked of its kind once, and of every gate read.

A package's code may raise anything anywhere. What is wrong leaves here as one sentence.
"""

from collections.abc import Callable, Mapping
from inspect import isabstract
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from policies.evidence.kinds import AnyNeed
from policies.gates.gate import Gate
from policies.section import refuse
from policies.source import read_source

NEEDS = get_args(get_args(AnyNeed)[0])
"""What can be measured: a gate of a package may ask for these, and for nothing else."""
RAISED = (Exception, SystemExit)
"""What another's code may raise without taking us down."""


class Unsound(Exception):
    """What is wrong with a kind of gate and what to do about it, in a sentence."""


def why(error: BaseException) -> str:
    """What another's code raised, and where, in one line."""
    if isinstance(error, Unsound):
        return str(error)
    words = " ".join(str(error).split())[:300]
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    return f"{type(error).__name__}{f': {words}' if words else ''} ({where})"


def check_kind(kind: Any, name: str, taken: Mapping[str, str]) -> None:
    """Raises Unsound, or whatever the kind's own code raises; `taken` says whose a key is already."""
    if not (isinstance(kind, type) and issubclass(kind, Gate)) or isabstract(kind):
        raise Unsound("it is no class that derives from policies.gates.gate.Gate and says how it judges")
    marks = getattr(kind, "marks", ())
    if not isinstance(marks, tuple) or not marks or marks[0] != name:
        raise Unsound(f"its first mark must be '{name}', as its entry point is called; it has {marks!r}")
    if clash := next((mark for mark in marks if mark in taken), None):
        raise Unsound(f"'{clash}' is a key of {taken[clash]} already; choose another word")
    _check_keys(kind, marks)
    example = getattr(kind, "example", "")
    data = read_source(example, f"the example of '{name}'").root.value
    if not isinstance(data, dict) or not set(marks) <= data.keys():
        raise Unsound(f"its example {example!r} does not show it; write one such as {{{name}: ...}}")
    check_answers(kind.model_validate(data))


def check_answers(gate: Gate) -> None:
    """Raises Unsound for a gate without a name, or with needs that nobody can meet."""
    if not isinstance(gate.label, str) or not gate.label:
        raise Unsound(f"it is called {gate.label!r}; its subject must be a text")
    needs = gate.needs()
    if not isinstance(needs, tuple) or any(type(need) not in NEEDS for need in needs):
        known = ", ".join(kind.__name__ for kind in NEEDS)
        raise Unsound(f"it needs {needs!r}, but only these can be measured: {known}")


def read_with_care(read: Callable[[], Gate]) -> Gate:
    """A gate of a package, checked; what its own code raises becomes a problem where the gate is written."""
    try:
        gate = read()
        check_answers(gate)
    except (ValidationError, PydanticCustomError):
        raise
    except RAISED as error:
        raise refuse(f"this gate's own package cannot read it: {why(error)}", "mend it there") from error
    return gate


def _check_keys(kind: type[Gate], marks: tuple[str, ...]) -> None:
    """Marks are keys that must be there; every key says what it is for, since authors are shown that."""
    keys = {field.alias or name: field for name, field in kind.model_fields.items()}
    if loose := [mark for mark in marks if mark not in keys or not keys[mark].is_required()]:
        raise Unsound(f"'{loose[0]}' marks it, and must be a key without a default")
    if mute := [name for name, field in keys.items() if not field.description]:
        raise Unsound(f"its key '{mute[0]}' has no description; write Field(description=...)")
    if not kind.__dict__.get("__doc__"):
        raise Unsound("it has no docstring; say in a sentence when it passes")
