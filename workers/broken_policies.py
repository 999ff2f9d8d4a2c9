"""Tells the owners of policy files that cannot be read any more, and what stays in force meanwhile."""

from itertools import groupby
from pathlib import Path

from ledger.engine import writing
from notifications.render import render_problem
from workers.gatekeeper import Gatekeeper
from workers.messages import OWNERS, tell_once


def report_broken(keeper: Gatekeeper) -> None:
    """Tell the owners once what is wrong with the policies, and what stays in force."""
    book = keeper.policies()
    with writing(keeper.ledger) as session:
        for file, found in groupby(book.problems, key=lambda problem: problem.file):
            problems = tuple(found)
            broken = [each for each in book.broken if set(problems) & set(each.problems)]
            kept = [each.last_good for each in broken if each.last_good]
            stays = [f"The last good text of {policy.name} stays in force." for policy in kept]
            said = "\n".join([*map(str, problems), *stays])
            named = [*(m for policy in kept for m in policy.models), *(m for b in broken for m in b.models)]
            about = next(iter(named), Path(file).name)
            message = render_problem(
                about, None, said, console_url=keeper.console_url, channel=OWNERS, words=keeper.words
            )
            tell_once(keeper, session, message)
