"""Versions registered, looked at and voted on, as most tests of the workers do it."""

from ledger import judgements, work
from ledger.engine import reading, writing
from policies.verdicts import Vote
from registry.memory import Seed
from tests.reviewing import vote
from workers.look import look
from workers.tell import tell

GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))


BAD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 9.0}, authors=frozenset({"ada"}))


OWNERLESS = Seed(logged={"val_rmse": 4.0})


def ring(keeper, model, version):
    with writing(keeper.ledger) as session:
        work.ring(session, model, version, keeper.now())


def run(keeper):
    looks = 0
    while look(keeper):
        looks += 1
        assert looks < 20, "the work never ends"
    tell(keeper)


def stages(registry, model="plain"):
    return {v.version: v.stage for v in registry.versions(model)}


def latest(keeper, version, model="plain"):
    with reading(keeper.ledger) as session:
        return judgements.latest(session, model, version)


def approve(keeper, version, reviewer="grace", said=Vote.APPROVE):
    return vote(
        keeper.ledger, keeper.policies(), model="plain", version=version,
        approval=(reviewer, said, "fine"), now=keeper.now(),
    )  # fmt: skip


class Killed(BaseException):
    """What a kill leaves: nothing after it runs."""
