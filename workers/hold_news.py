"""Tells reviewers and owners that moves were stopped, and that they go on."""

from ledger import holds
from ledger.engine import writing
from notifications.announce import render_hold
from workers.gatekeeper import Gatekeeper
from workers.messages import OWNERS, REVIEWERS, tell_once


def tell_holds(keeper: Gatekeeper) -> None:
    """Tell reviewers and owners of every hold and of its end, once."""
    with writing(keeper.ledger) as session:
        for row in holds.untold(session):
            for channel in (REVIEWERS, OWNERS):
                message = render_hold(
                    holds.read(row), console_url=keeper.console_url, channel=channel, words=keeper.words
                )
                tell_once(keeper, session, message)
            row.told = keeper.now()
