"""Problems as SARIF 2.1.0, as far as code scanning reads it.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; the part that GitHub needs:
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from policies.problems import Problem

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RULES = (
    {
        "id": "policy-problem",
        "shortDescription": {"text": "A policy says something that cannot be meant"},
        "fullDescription": {"text": "The gate refuses this file, and judges no version by it."},
        "defaultConfiguration": {"level": "error"},
    },
    {
        "id": "policy-warning",
        "shortDescription": {"text": "A policy says something that counts for nothing any more"},
        "fullDescription": {"text": "The gate judges by this file all the same."},
        "defaultConfiguration": {"level": "warning"},
    },
)


def sarif(problems: Iterable[Problem], warnings: Iterable[Problem]) -> dict[str, Any]:
    """One run with one result for each problem and warning; paths are told from the working directory on."""
    driver = {"name": "Gatehouse", "version": version("gatehouse"), "rules": [*RULES]}
    results = [_result(each, rule) for rule, found in enumerate((problems, warnings)) for each in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": _uri(Path(problem.file))},
        "region": {"startLine": problem.line, "startColumn": problem.column},
    }
    return {
        "ruleId": RULES[rule]["id"],
        "ruleIndex": rule,
        "level": ("error", "warning")[rule],
        "message": {"text": problem.sentence},
        "locations": [{"physicalLocation": place}],
    }


def _uri(path: Path) -> str:
    here = Path.cwd()
    if path.is_absolute() and not path.is_relative_to(here):
        return path.as_uri()
    return quote(path.relative_to(here).as_posix() if path.is_absolute() else path.as_posix())
