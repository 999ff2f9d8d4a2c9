"""Where a candidate comes from: who made it, of which code, with which packages. Asked once, at the rim."""

import getpass
import platform
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

UNKNOWN: Final = "unknown"
_NETWORKS: Final = ("mlflow", "tensorflow", "tensorflow-cpu", "keras", "numpy")
"""Of the two TensorFlows one is installed."""
_TREES: Final = ("mlflow", "scikit-learn", "numpy", "pandas")


@dataclass(frozen=True)
class Provenance:
    """`owner` answers for the model, `author` made this version; a commit that nobody knows is `unknown`."""

    owner: str
    author: str
    git_commit: str
    packages: dict[str, str]
    git_dirty: bool = False
    """Whether files differed from that commit."""

    def tags(self) -> dict[str, str]:
        """Give the tags that a policy may ask of a version."""
        return {"owner": self.owner, "git_commit": self.git_commit}

    def more_tags(self) -> dict[str, str]:
        """Give what a run says of its origin beyond that."""
        packages = ", ".join(f"{name} {number}" for name, number in self.packages.items())
        return {"author": self.author, "git_dirty": str(self.git_dirty).lower(), "packages": packages}

    def requirements(self, kind: str) -> list[str]:
        """Pin the packages that a kind of model needs to answer."""
        needed = _TREES if kind == "boosted" else _NETWORKS
        return [f"{name}=={number}" for name, number in self.packages.items() if name in needed]


def trace(owner: str, author: str) -> Provenance:
    """Find out where this process's candidates come from; an empty author is the user logged in."""
    here = Path(__file__).parent
    return Provenance(owner, author or getpass.getuser(), git_commit(here), _installed(), git_dirty(here))


def git_commit(folder: Path) -> str:
    """Name the commit checked out around `folder`, or `unknown` where there is no git or no checkout."""
    return _git(folder, "rev-parse", "HEAD") or UNKNOWN


def git_dirty(folder: Path) -> bool:
    """Whether any file of `folder` differs from the commit checked out, or is not part of it."""
    return bool(_git(folder, "status", "--porcelain", "--", "."))


def _git(folder: Path, *words: str) -> str:
    try:
        asked = subprocess.run(  # noqa: S603 our own words
            ["git", *words],  # noqa: S607 whichever git the person uses
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _installed() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in dict.fromkeys((*_NETWORKS, *_TREES)):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
