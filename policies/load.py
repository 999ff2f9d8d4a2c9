"""A folder of policy files -> PolicyBook: the rim of this room, the only place where it reads files.

One broken file takes no other down: it is among the problems, and the models it names are refused rather
than judged by a policy that is less their own.
"""

from dataclasses import dataclass, field
from pathlib import Path

from policies.book import PolicyBook
from policies.broken import Broken
from policies.language import Policy
from policies.parse import parse_policy, parse_section
from policies.problems import PolicyInvalid, Problem
from policies.quantities import Text
from policies.section import Section
from policies.source import MAX_BYTES

__all__ = ["PolicyBook", "load_policies", "load_policy", "policy_files"]

REVIEWERS = "reviewers.yaml"
"""Beside the policies, where their approvals name groups."""
SUFFIXES = {".yaml", ".yml"}


class Reviewers(Section):
    """Who belongs to which group of reviewers."""

    groups: dict[str, frozenset[Text]]


@dataclass
class _Found:
    policies: list[Policy] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def load_policies(folder: Path) -> PolicyBook:
    """Every policy below a folder, and every problem; never raises for what a file says."""
    found = _Found()
    for path in policy_files(folder):
        _add(path, found)
    if not folder.is_dir():
        found.problems.append(
            at_top(folder, "there is no such folder", "name the folder that holds the policies")
        )
    groups = _groups(folder / REVIEWERS, found)
    return PolicyBook.of(found.policies, found.broken, groups=groups, problems=found.problems)


def load_policy(path: Path) -> Policy:
    """One policy file. Raises PolicyInvalid, for a file that cannot be read, too."""
    return parse_policy(read(path), file=str(path))


def policy_files(folder: Path) -> list[Path]:
    """`policy.yaml` at any depth and every YAML file at the top that is no cases or reviewers file.

    Names that start with a dot are passed over: Kubernetes keeps second copies of mounted files there.
    """
    deep = {path for path in folder.rglob("policy.y*ml") if path.suffix in SUFFIXES}
    top = {path for path in folder.glob("*.y*ml") if path.suffix in SUFFIXES and not is_companion(path)}
    shown = (
        path for path in deep | top if not any(p.startswith(".") for p in path.relative_to(folder).parts)
    )
    return sorted(path for path in shown if path.is_file())


def is_companion(path: Path) -> bool:
    """Whether a YAML file belongs beside policies without being one."""
    return path.stem in {"cases", "reviewers"} or path.stem.endswith(".cases")


def cases_path(path: Path) -> Path:
    """Where the cases of a policy file are looked for: cases.yaml, or NAME.cases.yaml beside NAME.yaml."""
    return path.with_name("cases.yaml" if path.stem == "policy" else f"{path.stem}.cases.yaml")


def read(path: Path) -> bytes:
    """A file's bytes, one more than allowed at most. Raises PolicyInvalid if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        what = f"the file cannot be read ({error.strerror})"
        raise PolicyInvalid([at_top(path, what, "see that it is there and readable")]) from error


def at_top(path: Path, what: str, instead: str) -> Problem:
    """A problem with a file as a whole."""
    return Problem(file=str(path), line=1, column=1, what=what, instead=instead)


def _add(path: Path, found: _Found) -> None:
    raw = b""
    try:
        raw = read(path)
        found.policies.append(parse_policy(raw, file=str(path)))
    except PolicyInvalid as invalid:
        found.problems += invalid.problems
        found.broken.append(Broken(str(path), raw.decode("utf-8", "replace"), invalid.problems))


def _groups(path: Path, found: _Found) -> dict[str, frozenset[str]] | None:
    """The groups; None where no file declares any."""
    if not path.exists():
        return None
    try:
        return parse_section(Reviewers, read(path), file=str(path)).groups
    except PolicyInvalid as invalid:
        found.problems += invalid.problems
        return None
