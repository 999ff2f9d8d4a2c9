"""Compatibility: whether what the champion's callers send and expect would do for the candidate. Pure.

Types widen where MLflow's enforcement casts without loss when a model is served
(https://mlflow.org/docs/latest/ml/model/signatures/): integer to long, float and long to double.
"""

from collections.abc import Iterator

from registry.words import Column, Signature

_WIDER = {
    "integer": {"long", "double"},
    "long": {"double"},
    "float": {"double"},
    "boolean": set[str](),
}
"""By a column's type: the types that take all of its values, too."""


def breaks(candidate: Signature, champion: Signature) -> list[str]:
    """What callers of the champion would stumble over, each the rest of a sentence; empty: nothing."""
    return [*_inputs(candidate.inputs, champion.inputs), *_outputs(candidate.outputs, champion.outputs)]


def _inputs(ours: tuple[Column, ...], theirs: tuple[Column, ...]) -> Iterator[str]:
    sent = {_name(column, at): column for at, column in enumerate(theirs)}
    for at, column in enumerate(ours):
        before = sent.get(_name(column, at))
        what = f"input {_name(column, at)}"
        if before is None:
            if column.required:
                yield f"{what} is new and required: make it optional"
            continue
        if column.required and not before.required:
            yield f"{what} was optional and is required now"
        if (column.shape is None) != (before.shape is None):
            yield f"{what} was {_form(before)} and is {_form(column)} now"
        elif column.type != before.type and column.type not in _widened(before):
            yield f"{what} was {before.type} and is {column.type} now, which does not take the same values"
        if not _takes(column.shape, before.shape):
            yield f"{what} had the shape {before.shape} and has {column.shape} now"


def _widened(column: Column) -> set[str]:
    """A tensor's type is never cast: MLflow demands it exactly."""
    return set() if column.shape is not None else _WIDER.get(column.type, set())


def _takes(ours: tuple[int, ...] | None, theirs: tuple[int, ...] | None) -> bool:
    """Whether every tensor of one shape has the other, too; -1 is any length."""
    if ours is None or theirs is None:
        return True
    fits = (here in {-1, there} for here, there in zip(ours, theirs, strict=False))
    return len(ours) == len(theirs) and all(fits)


def _outputs(ours: tuple[Column, ...], theirs: tuple[Column, ...]) -> Iterator[str]:
    """Whoever reads the answers must find the same in them."""
    found = {_name(column, at): column for at, column in enumerate(ours)}
    for at, before in enumerate(theirs):
        column = found.pop(_name(before, at), None)
        what = f"output {_name(before, at)}"
        if column is None:
            yield f"{what} is gone"
        elif (column.type, column.shape) != (before.type, before.shape):
            yield f"{what} was {_form(before)} and is {_form(column)} now"
    yield from (f"output {name} is new" for name in found)


def _name(column: Column, at: int) -> str:
    return f"'{column.name}'" if column.name is not None else f"number {at + 1}"


def _form(column: Column) -> str:
    return column.type if column.shape is None else f"a {column.type} tensor of shape {column.shape}"
