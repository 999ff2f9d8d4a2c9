"""The policies in force: those of the folder, and of a file that is broken now, its last good text.

Read anew at every look, so a change needs no restart. The ledger keeps the last good texts: every worker
judges by the same one, also one that starts while the file is broken.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ledger import policy_files
from ledger.engine import reading, writing
from ledger.policy_files import Good
from policies.book import PolicyBook
from policies.broken import Broken
from policies.language import Policy
from policies.load import load_policies
from policies.parse import parse_policy
from policies.problems import PolicyInvalid


def read_in_force(
    ledger: Engine, folder: Path, load: Callable[[Path], PolicyBook] = load_policies
) -> PolicyBook:
    """What is in force, as anyone may see it; nothing is written down. `load` may remember what it read."""
    with reading(ledger) as session:
        return _stood_in(load(folder), folder, policy_files.in_force(session))


def take_in_force(ledger: Engine, folder: Path, now: datetime) -> PolicyBook:
    """The same for the workers: what they can read is in force, and its text is written down."""
    book = load_policies(folder)
    with reading(ledger) as session:
        known = policy_files.in_force(session)
    sound = {_below(folder, policy.path): policy for policy in book.policies}
    broken = {_below(folder, Path(each.file)) for each in book.broken}
    changed = {file: p for file, p in sound.items() if file not in known or known[file].digest != p.digest}
    gone = known.keys() - sound.keys() - broken if folder.is_dir() else set()
    if changed or gone:
        with writing(ledger) as session:
            _write(session, changed, gone, now)
    return _stood_in(book, folder, {file: good for file, good in known.items() if file not in gone})


def _write(session: Session, changed: dict[str, Policy], gone: set[str], now: datetime) -> None:
    for file, policy in changed.items():
        good = Good(digest=policy.digest, name=policy.name, text=policy.text)
        policy_files.put_in_force(session, file, good, now=now)
    policy_files.forget(session, gone)


def _stood_in(book: PolicyBook, folder: Path, known: dict[str, Good]) -> PolicyBook:
    """The book with last good texts for its broken files; for all of them, if the folder itself is gone."""
    broken = {_below(folder, Path(each.file)): each for each in book.broken}
    if not folder.is_dir():
        broken = {file: Broken(str(folder / file), "", book.problems) for file in known}
    good = {str(folder / file): _read(folder / file, known[file]) for file in broken if file in known}
    return book.standing_in(list(broken.values()), {file: p for file, p in good.items() if p})


def _read(path: Path, good: Good) -> Policy | None:
    """None where this release no longer takes what an earlier one took."""
    try:
        return parse_policy(good.text, file=str(path))
    except PolicyInvalid:
        return None


def _below(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()
