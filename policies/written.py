"""A value as an author would write it in a policy, on one line."""

from typing import Any


def written(value: Any) -> str:
    """YAML in flow style, without the quotes that only a parser needs."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {written(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, (set, frozenset)):
        return written(sorted(value))
    if isinstance(value, bool):
        return str(value).lower()
    return "nothing" if value is None or value == "" else str(value)
