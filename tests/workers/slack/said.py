"""What is asked in Slack, and what it answered."""

from ledger import approvals, judgements
from ledger.engine import reading
from registry.memory import Seed
from registry.words import Stage
from workers.look import look
from workers.sweep import sweep_fully
from workers.tell import tell

SEED = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))


def work(gate):
    while look(gate):
        pass
    tell(gate)


def asked(gate, registry, seed=SEED):
    """A candidate that waits in Staging, shown in Slack; its message comes back."""
    version = registry.register("asks", seed).version
    registry.transition("asks", version, Stage.STAGING)
    sweep_fully(gate)
    work(gate)


def head(fake):
    (found,) = fake.space.heads()
    return found


def said_to(fake, user):
    return [text for _, who, text in fake.space.ephemeral if who in {user, "response_url"}]


def votes(gate, version=1):
    with reading(gate.ledger) as session:
        return [
            (each.reviewer, each.vote, each.comment)
            for each in approvals.of_version(session, "asks", version)
        ]


def answer(gate, version=1):
    with reading(gate.ledger) as session:
        return judgements.latest(session, "asks", version).decision.answer
