"""A vote through the one door, as the tests of the main job cast it."""

from policies.people import Act, Person, Route
from workers.review import review


def vote(ledger, book, *, model, version, approval, now):
    """`approval` is (name, verb, comment); the decision that it was given for comes back."""
    name, verb, comment = approval
    person = Person(name=name, route=Route.TERMINAL, account="test")
    return review(ledger, book, person, Act(model=model, version=version, verb=verb, comment=comment), now)
