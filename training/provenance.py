"""Where a candidate comes from: who made it, of which code, with which packages. Asked once, at the rim."""

import getpass
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

UNKNOWN: Final = "unknown"
_PACKAGES: Final = ("mlflow", "tensorflow", "tensorflow-cpu", "keras", "numpy")
"""What a model needs to answer; of the two TensorFlows one is installed."""


@dataclass(frozen=True)
class Provenance:
    """`owner` answers for the model, `author` made this version; a commit that nobody knows is `unknown`."""

    owner: str
    author: str
    git_commit: str
    packages: dict[str, str]

    def tags(self) -> dict[str, str]:
        """Give the tags that a policy may ask of a version."""
        return {"owner": self.owner, "git_commit": self.git_commit}

    def requirements(self) -> list[str]:
        """Pin the packages that the model needs."""
        return [f"{name}=={number}" for name, number in self.packages.items()]


def trace(owner: str, author: str) -> Provenance:
    """Find out where this process's candidates come from; an empty author is the user logged in."""
    return Provenance(owner, author or getpass.getuser(), git_commit(Path(__file__).parent), _installed())


def git_commit(folder: Path) -> str:
    """Name the commit checked out around `folder`, or `unknown` where there is no git or no checkout."""
    try:
        asked = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 whichever git the person uses
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return UNKNOWN
    return asked.stdout.strip() if asked.returncode == 0 else UNKNOWN


def _installed() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
