"""What people say of versions and models meanwhile, and what they were answered: by the doors of all routes."""

import threading
import time
from collections import Counter
from datetime import UTC, datetime

from ledger import holds, judgements
from ledger.engine import reading
from ledger.errors import LedgerUnavailable
from policies.people import Person, Route
from policies.verdicts import Answer, Vote
from tests.reviewing import vote
from workers import holding
from workers.review import VoteRefused

SAYINGS = {verb.value: verb for verb in Vote if verb is not Vote.PROMOTE}
OPEN_TO = {
    Vote.APPROVE: {Answer.ASK},
    Vote.REJECT: {Answer.ASK},
    Vote.WITHDRAW: {Answer.ASK},
    Vote.REQUEST: {Answer.REJECT},
    Vote.COMMENT: set(Answer),
}
AGAIN_S = 0.5
OPERATOR = Person(name="operator", route=Route.TERMINAL, account="test")


class NothingWaits(Exception):
    """No version of the model is open to this act now."""


class Sayings:
    """`taken` counts acts that were answered, `doubtful` those that the ledger may have taken unanswered.

    `held` has the time from which on a hold was known to be in force, by its number.
    """

    def __init__(self, ledger, book):
        self._ledger, self._book = ledger, book
        self.taken, self.doubtful, self.held = Counter(), Counter(), {}
        self._changing = threading.Lock()

    def say(self, event):
        """Of a version to which it is open, as a reviewer finds it in the list. Raises NothingWaits."""
        said = SAYINGS[event.deed]
        with reading(self._ledger) as session:
            known = judgements.in_force(session, event.model)
        open_to = sorted(
            version for (_, version), judged in known.items() if judged.decision.answer in OPEN_TO[said]
        )
        if not open_to:
            raise NothingWaits
        version = open_to[int(event.pick * len(open_to))]
        act = (event.model, version, event.word, said)
        try:
            vote(
                self._ledger, self._book, model=event.model, version=version,
                approval=(event.word, said, "by chance"), now=datetime.now(UTC),
            )  # fmt: skip
        except LedgerUnavailable:
            self._count(self.doubtful, act)
            raise
        self._count(self.taken, act)

    def hold(self, event):
        """Stop or let go on what a model does, or all of them."""
        act = holding.hold if event.deed == "hold" else holding.resume
        model = None if event.word == "all" else event.model
        made = act(self._ledger, OPERATOR, model, "by chance", datetime.now(UTC))
        with self._changing:
            self.held[made.id] = datetime.now(UTC)

    def let_go(self):
        """Resume all that is still held, once the incident is over."""
        while True:
            try:
                with reading(self._ledger) as session:
                    held = holds.all_in_force(session)
                for each in held:
                    holding.resume(self._ledger, OPERATOR, each.model, "it is over", datetime.now(UTC))
            except (LedgerUnavailable, VoteRefused):
                time.sleep(AGAIN_S)
            else:
                return

    def _count(self, counter, act):
        with self._changing:
            counter[act] += 1
