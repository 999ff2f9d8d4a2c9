"""People who say things of a version that waits for them, and what they may say."""

from ledger import approvals, judgements
from ledger.engine import reading
from policies.acts import refusals
from policies.people import Act, Person, Route
from workers.review import review, standing_of

PRICING = "    approvals: [{count: 2, from: [pricing]}]\n"


GROUPS = "groups: {pricing: [ada, grace, linus], risk: [zoe]}\n"


def person(name, **more):
    return Person(name=name, route=Route.CONSOLE, account=f"{name}@example.org", **more)


def act(keeper, verb, name, comment="", **more):
    who = name if isinstance(name, Person) else person(name)
    more = {"model": "plain", "version": 1, "verb": verb, "comment": comment} | more
    return review(keeper.ledger, keeper.policies(), who, Act(**more), keeper.now())


def open_to(keeper, name):
    with reading(keeper.ledger) as session:
        standing = standing_of(session, judgements.latest(session, "plain", 1))
    said = refusals(keeper.policies(), person(name), standing, keeper.now())
    return {verb.value for verb, why in said.items() if why is None}


def said(keeper):
    with reading(keeper.ledger) as session:
        return approvals.of_version(session, "plain", 1)
