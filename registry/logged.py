"""What Gatehouse itself logs to a run: names that any MLflow server takes, known as ours. Pure."""

import hashlib
import re
from collections.abc import Mapping

OWN_METRICS = "gatehouse."
"""Prefix of the metrics that Gatehouse logs: they are no facts of the version that is judged."""
OWN_FILES = "gatehouse"
"""The folder among a run's artifacts."""
_LONGEST = 200
_UNSAFE = re.compile(r"[^A-Za-z0-9_.\- ]+|\.{2,}|^[. ]+|[. ]+$")


def name_of(text: str) -> str:
    """A text as part of a metric's or a file's name; what had to be changed gets a digest, to stay apart.

    MLflow takes letters, digits, `_ . -` and spaces; its slash would make a folder of it.
    """
    safe = _UNSAFE.sub("_", text)[:_LONGEST]
    if safe == text and safe:
        return safe
    return f"{safe}-{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:8]}"


def others(metrics: Mapping[str, float]) -> dict[str, float]:
    """The metrics that somebody else logged."""
    return {key: value for key, value in metrics.items() if not key.startswith(OWN_METRICS)}
