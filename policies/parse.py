"""YAML text -> a typed value of the policy language, or every problem of the text at once. Reads no files."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import ValidationError

from policies.defaults import MARK, Defaults, with_defaults
from policies.language import Policy
from policies.problems import PolicyInvalid, Problem
from policies.section import Section
from policies.source import Node, Path, Source, read_source
from policies.wording import in_words

S = TypeVar("S", bound=Section)


def parse_policy(raw: bytes | str, *, file: str, defaults: Source | None = None) -> Policy:
    """The policy in this text, on defaults that `parse_defaults` gave, or that the text itself ends with.

    Raises PolicyInvalid with all its problems; `file` is only named there.
    """
    if isinstance(raw, str) and MARK in raw:
        raw, _, shared = raw.partition(MARK)
        defaults = parse_defaults(shared, file=f"{file} (its defaults)")
    source = read_source(raw, file)
    found = [*source.problems, *_variables(source)]
    if defaults is None:
        return typed(Policy, source, found)
    data = with_defaults(source.root.value, defaults.root.value)
    return typed(Policy, replace(source, text=source.text + MARK + defaults.text), found, data=data)


def parse_defaults(raw: bytes | str, *, file: str) -> Source:
    """Defaults, checked, to be put under policies. Raises PolicyInvalid."""
    source = read_source(raw, file)
    typed(Defaults, source, [*source.problems, *_variables(source)])
    return source


def parse_section(kind: type[S], raw: bytes | str, *, file: str) -> S:
    """A text of another kind, such as cases or reviewers. Raises PolicyInvalid."""
    source = read_source(raw, file)
    return typed(kind, source, source.problems)


def typed(
    kind: type[S], source: Source, found: list[Problem] | tuple[Problem, ...], *, data: Any = None
) -> S:
    """The source's data as `kind`, or other data made from it.

    Raises PolicyInvalid with what was found before and is found now.
    """
    problems = list(found)
    try:
        value = kind.model_validate(source.root.value if data is None else data, context=source)
    except ValidationError as error:
        problems += _placed(error, source)
    if problems:
        raise PolicyInvalid(problems)
    return value


def _placed(error: ValidationError, source: Source) -> Iterator[Problem]:
    for detail in error.errors(include_url=False):
        ctx = detail.get("ctx", {})
        if detail["type"] == "policy":
            what, instead = ctx["what"], ctx["instead"]
        else:
            what, instead = in_words(detail)
        yield source.problem(detail["loc"], what, instead, on_key=ctx.get("on_key", False))


def _variables(source: Source) -> Iterator[Problem]:
    """Variables where none are filled in: only a data set's uri may differ from place to place."""
    for path, text in _texts(source.root, ()):
        in_uri = len(path) == 3 and path[0] == "datasets" and path[-1] == "uri"  # noqa: PLR2004 datasets.NAME.uri
        if "${" in text and not in_uri:
            yield source.problem(
                path, f"'{text}' is not filled in here", "use variables in a data set's uri only"
            )


def _texts(node: Node, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node.value, str):
        yield path, node.value
    for step, child in node.inside.items():
        yield from _texts(child, (*path, step))
