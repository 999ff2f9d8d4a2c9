"""Sends what is in the outbox, message by message, each by the channel it was written for."""

import logging
from datetime import timedelta

from ledger import outbox
from ledger.engine import writing
from ledger.outbox import Outgoing
from notifications.channels import Channel
from notifications.errors import ChannelRefused, ChannelUnavailable
from notifications.message import Message
from workers.gatekeeper import Gatekeeper

RETRY_MAX_S = 600

log = logging.getLogger(__name__)


def tell(keeper: Gatekeeper) -> int:
    """Send everything that is due; how many were taken comes back. Anything unforeseen is noted, then raised.

    A message is claimed, sent, then marked. Killed in between it is sent once more, and its channel is told
    that it may have been: one that can look does so. For the others, people forgive a message twice, not one
    that never came.
    """
    sent = 0
    while True:
        with writing(keeper.ledger) as session:
            outgoing = outbox.claim(session, keeper.now())
        if outgoing is None:
            return sent
        sent += _send(keeper, outgoing)


def _send(keeper: Gatekeeper, outgoing: Outgoing) -> bool:
    # The whole key, with the occasion: a channel that remembers facts knows them by it.
    message = Message.model_validate_json(outgoing.message).model_copy(update={"key": outgoing.key})
    try:
        _channel(keeper, outgoing.via).send(message, since=outgoing.since)
    except ChannelUnavailable as error:
        wait = error.retry_after or min(2**outgoing.attempts, RETRY_MAX_S)
        _failed(keeper, outgoing, str(error), wait_s=wait, all_of_it=error.retry_after is not None)
        return False
    except ChannelRefused as error:
        _failed(keeper, outgoing, str(error), wait_s=None)
        return False
    except Exception as error:
        # Its words may quote an address.
        said = f"its channel failed: {type(error).__name__}"
        _failed(keeper, outgoing, said, wait_s=min(2**outgoing.attempts, RETRY_MAX_S))
        raise
    with writing(keeper.ledger) as session:
        outbox.mark_sent(session, outgoing, keeper.now())
    return True


def _channel(keeper: Gatekeeper, via: str) -> Channel:
    for channel in keeper.channels:
        if channel.name == via:
            return channel
    raise ChannelRefused(f"the channel '{via}' is no longer set up")


def _failed(
    keeper: Gatekeeper, outgoing: Outgoing, problem: str, *, wait_s: float | None, all_of_it: bool = False
) -> None:
    """A channel that said when to come back is left alone until then, with all that waits for it."""
    log.warning("a message by %s was not taken: %s", outgoing.via, problem)
    now = keeper.now()
    retry = None if wait_s is None else now + timedelta(seconds=wait_s)
    with writing(keeper.ledger) as session:
        outbox.mark_failed(session, outgoing, problem, retry=retry)
        if all_of_it and retry is not None:
            outbox.hold_back(session, outgoing.via, retry)
