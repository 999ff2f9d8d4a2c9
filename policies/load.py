"""A folder of policy files -> PolicyBook: the rim of this room, the only place where it reads files.

One broken file takes no other down: it is among the problems, and the models it names are refused rather
than judged by a policy that is less their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from policies.book import PolicyBook
from policies.broken import Broken
from policies.evidence.need import Need
from policies.evidence.team_tests import TeamTestsNeed
from policies.language import Policy
from policies.parse import parse_defaults, parse_policy, parse_section
from policies.problems import PolicyInvalid, Problem
from policies.reviewers import Reviewers
from policies.source import MAX_BYTES, Source

__all__ = ["PolicyBook", "load_policies", "load_policy", "policy_files"]

DEFAULTS = "defaults.yaml"
"""Beside the policies, or one folder above a policy that has a folder of its own."""
REVIEWERS = "reviewers.yaml"
"""Beside the policies, where their approvals name groups."""
SUFFIXES = {".yaml", ".yml"}


@dataclass
class _Found:
    policies: list[Policy] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def load_policies(folder: Path) -> PolicyBook:
    """Every policy below a folder, and every problem; never raises for what a file says."""
    found = _Found()
    try:
        defaults = _defaults(folder)
    except PolicyInvalid as invalid:
        # By its own text alone a policy would be laxer than it is meant to be.
        found.problems += invalid.problems
        found.broken += [_broken(path, invalid) for path in policy_files(folder)]
    else:
        for path in policy_files(folder):
            _add(path, found, defaults)
    for stray in sorted(folder.glob(f"*/**/{DEFAULTS}")):
        found.problems.append(at_top(stray, "defaults count at the top only", f"move them to {folder}"))
    if not folder.is_dir():
        found.problems.append(
            at_top(folder, "there is no such folder", "name the folder that holds the policies")
        )
    reviewers = _reviewers(folder / REVIEWERS, found)
    return PolicyBook.of(
        found.policies,
        found.broken,
        groups=reviewers.members if reviewers else None,
        people=reviewers.listed_as if reviewers else None,
        problems=found.problems,
        unread=[str(problem) for problem in found.problems if Path(problem.file).name == REVIEWERS],
    )


def load_policy(path: Path) -> Policy:
    """One policy file. Raises PolicyInvalid, for a file that cannot be read, too."""
    defaults = _defaults(path.parent, path.parent.parent)
    return _complete(parse_policy(read(path), file=str(path), defaults=defaults))


def policy_files(folder: Path) -> list[Path]:
    """`policy.yaml` at any depth and every YAML file at the top that is no cases or reviewers file.

    Names that start with a dot are passed over: Kubernetes keeps second copies of mounted files there.
    """
    deep = {path for path in folder.rglob("policy.y*ml") if path.suffix in SUFFIXES}
    top = {path for path in folder.glob("*.y*ml") if path.suffix in SUFFIXES and not is_companion(path)}
    shown = (
        path for path in deep | top if not any(p.startswith(".") for p in path.relative_to(folder).parts)
    )
    return sorted(path for path in shown if not path.is_dir())


def is_companion(path: Path) -> bool:
    """Whether a YAML file belongs beside policies without being one."""
    return path.name == DEFAULTS or path.stem in {"cases", "reviewers"} or path.stem.endswith(".cases")


def cases_path(path: Path) -> Path:
    """Where the cases of a policy file are looked for: cases.yaml, or NAME.cases.yaml beside NAME.yaml."""
    return path.with_name("cases.yaml" if path.stem == "policy" else f"{path.stem}.cases.yaml")


def read(path: Path) -> bytes:
    """A file's bytes, one more than allowed at most. Raises PolicyInvalid if it cannot be read."""
    if path.exists() and not path.is_file():
        raise PolicyInvalid([at_top(path, "this is no plain file", "put a file of text here")])
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        what = f"the file cannot be read ({error.strerror})"
        raise PolicyInvalid([at_top(path, what, "see that it is there and readable")]) from error


def with_texts(wanted: Sequence[Need], policy: Policy) -> list[Need]:
    """Needs; those that ask for a file beside the policy with its text, where it can be read."""
    folder = policy.path.parent
    return [
        n.model_copy(update={"text": _text(folder / n.path)}) if isinstance(n, TeamTestsNeed) else n
        for n in wanted
    ]


def _text(path: Path) -> str | None:
    try:
        return read(path).decode("utf-8")
    except (PolicyInvalid, UnicodeDecodeError):
        return None


def _complete(policy: Policy) -> Policy:
    """The policy, if every file that its gates name lies beside it. Raises PolicyInvalid."""
    missing = [
        policy.problem((*at, key), f"there is no readable file {path}", f"put it in {policy.path.parent}")
        for at, gate in policy.gates()
        for key, path in gate.files.items()
        if _text(policy.path.parent / path) is None
    ]
    if missing:
        raise PolicyInvalid(missing)
    return policy


def at_top(path: Path, what: str, instead: str) -> Problem:
    """A problem with a file as a whole."""
    return Problem(file=str(path), line=1, column=1, what=what, instead=instead)


def _add(path: Path, found: _Found, defaults: Source | None) -> None:
    try:
        found.policies.append(_complete(parse_policy(read(path), file=str(path), defaults=defaults)))
    except PolicyInvalid as invalid:
        found.problems += invalid.problems
        found.broken.append(_broken(path, invalid))


def _broken(path: Path, invalid: PolicyInvalid) -> Broken:
    """The file as far as it can be read at all."""
    try:
        text = read(path).decode("utf-8", "replace")
    except PolicyInvalid:
        text = ""
    return Broken(str(path), text, invalid.problems)


def _defaults(*folders: Path) -> Source | None:
    """The nearest defaults, if there are any. Raises PolicyInvalid."""
    path = next((folder / DEFAULTS for folder in folders if _is_there(folder / DEFAULTS)), None)
    return None if path is None else parse_defaults(read(path), file=str(path))


def _is_there(path: Path) -> bool:
    """A link that leads nowhere is there: to pass it over would be laxer than meant."""
    return path.exists() or path.is_symlink()


def _reviewers(path: Path, found: _Found) -> Reviewers | None:
    """Who the reviewers are; None where no file tells."""
    if not path.exists():
        return None
    try:
        return parse_section(Reviewers, read(path), file=str(path))
    except PolicyInvalid as invalid:
        found.problems += invalid.problems
        return None
