"""Has a model's files scanned by `validation.scanner`, in a process that is watched like a model's own."""

from pathlib import Path
from typing import Any

from policies.evidence.scan import Scan, Threat
from validation.answers import Failed
from validation.child import Child, Stopped
from validation.limits import Limits

SCANNER = Path(__file__).with_name("scanner.py")
SCAN_S = 120.0


def scan(child: Child, folder: Path, limits: Limits) -> Scan | Failed:
    """What was found; a scan that did not see everything, and found nothing, tells nothing."""
    if odd := next((path for path in sorted(folder.rglob("*")) if _is_odd(path)), None):
        threat = Threat(where=str(odd.relative_to(folder))[:200], what="is no plain file")
        return Scan(files=1, threats=(threat,))
    try:
        child.wait(["ready"], limits.start_s, f"no process was ready within {limits.start_s:g} s")
        child.give({"scan": str(child.bring(folder))})
        said = child.wait(["scanned"], SCAN_S, f"did not end within {SCAN_S:g} s")
        found = _found(said)
    except Stopped as stopped:
        return Failed(f"could not be scanned: its scan {stopped}", "surroundings")
    except (KeyError, TypeError, ValueError):
        return Failed("could not be scanned: its scan told nothing that can be read", "surroundings")
    if not found.threats and said["unclear"]:
        where, what = said["unclear"][0]
        return Failed(f"could not be scanned: {where} {what}", "surroundings")
    return found


def _is_odd(path: Path) -> bool:
    """A pipe or a device, which cannot even be copied to where it may be read."""
    return not (path.is_symlink() or path.is_file() or path.is_dir())


def _found(said: dict[str, Any]) -> Scan:
    threats = tuple(Threat(where=where, what=what) for where, what in said["threats"])
    return Scan(files=said["files"], threats=threats, more=said["more_threats"], code=tuple(said["code"]))
