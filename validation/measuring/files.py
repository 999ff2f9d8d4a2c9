"""What can be told of a model's files without loading it: their size, and what a scan found in them."""

import stat
from pathlib import Path

from policies.evidence.scan import Scan, ScanNeed
from policies.evidence.size import Size, SizeNeed
from validation.answers import Failed
from validation.measuring.scores import blamed
from validation.sandbox import Sandbox


def size(_: SizeNeed, folder: Path, __: Sandbox) -> Size:
    """The sum of all plain files; a link is not what it leads to."""
    facts = [path.lstat() for path in folder.rglob("*")]
    sizes = [fact.st_size for fact in facts if stat.S_ISREG(fact.st_mode)]
    return Size(bytes=sum(sizes), files=len(sizes))


def scan(_: ScanNeed, folder: Path, sandbox: Sandbox) -> Scan:
    """What the scan found."""
    found = sandbox.scan(folder)
    if isinstance(found, Failed):
        raise blamed(found)
    return found
