"""Acts on clicks in Slack: whoever clicked is mapped to a reviewer, who votes through the one door.

A click was kept before Slack was answered, so it survives whoever dies here. It counts once: the vote is
recorded as of the moment at which the click came, and a vote of that moment is not recorded again.
"""

import logging
from datetime import timedelta

from ledger import approvals, interactions
from ledger.engine import reading, writing
from ledger.errors import LedgerUnavailable
from ledger.interactions import Interaction
from notifications.errors import ChannelRefused, ChannelUnavailable
from notifications.slack_clicks import Click
from policies.book import PolicyBook
from policies.names import same_person
from policies.people import Act, Person, Route
from policies.verdicts import Vote
from workers.gatekeeper import Gatekeeper
from workers.queue import LOOK
from workers.review import NotJudged, VoteRefused, review

RETRY_MAX_S = 60
NOBODY = (
    "Your click was not counted: {why}. Ask whoever runs Gatehouse to name you under slack: people: in the "
    "channels file, or by your address in reviewers.yaml."
)

log = logging.getLogger(__name__)


def interact(keeper: Gatekeeper) -> int:
    """Act on everything that was clicked; how many clicks were answered comes back."""
    answered = 0
    while True:
        with writing(keeper.ledger) as session:
            interaction = interactions.claim(session, keeper.now())
        if interaction is None:
            return answered
        answered += _act(keeper, interaction)


def _act(keeper: Gatekeeper, interaction: Interaction) -> bool:
    click = Click.model_validate_json(interaction.click)
    problem = None
    try:
        said = _voted(keeper, interaction, click)
        _answer(keeper, click, said)
    except (ChannelUnavailable, LedgerUnavailable) as error:
        _again(keeper, interaction, str(error))
        return False
    except ChannelRefused as error:
        problem = str(error)
        log.warning("a click on %r %s: %s", click.subject.model, click.subject.version, problem)
    with writing(keeper.ledger) as session:
        interactions.mark_done(session, interaction, problem)
    return True


def _voted(keeper: Gatekeeper, interaction: Interaction, click: Click) -> str:
    """Record the vote; what whoever clicked is told comes back."""
    book = keeper.policies()
    name, why = _who(keeper, book, click)
    if name is None:
        return NOBODY.format(why=why)
    subject = click.subject
    of = f"{subject.model} {subject.version}"
    if not _recorded(keeper, interaction, click):
        person = Person(name=name, route=Route.SLACK, account=click.user)
        act = Act(
            model=subject.model, version=subject.version, verb=Vote(click.vote), comment=click.comment,
            shown=subject.shown,
        )  # fmt: skip
        try:
            review(keeper.ledger, book, person, act, interaction.at)
        except (VoteRefused, NotJudged) as refused:
            return f"Your {click.vote} of {of} was not counted: {refused}"
        keeper.ring(LOOK)
    return f"Recorded: {click.vote} of {of} by {name}."


def _who(keeper: Gatekeeper, book: PolicyBook, click: Click) -> tuple[str | None, str]:
    if keeper.chat is None:
        raise ChannelRefused("nobody can be asked who clicked: GATEHOUSE_SLACK_BOT_TOKEN is not set")
    listed = {same_person(member) for members in book.groups.values() for member in members}
    return keeper.chat.reviewer(click.user, lambda name: same_person(name) in listed)


def _recorded(keeper: Gatekeeper, interaction: Interaction, click: Click) -> bool:
    """Whether one who died here had recorded it already."""
    with reading(keeper.ledger) as session:
        said = approvals.of_version(session, click.subject.model, click.subject.version)
    slack = (Route.SLACK.value, click.user, interaction.at)
    return any((each.route, each.account, each.at) == slack for each in said)


def _answer(keeper: Gatekeeper, click: Click, said: str) -> None:
    if keeper.chat is not None:
        keeper.chat.answer(click, said)


def _again(keeper: Gatekeeper, interaction: Interaction, problem: str) -> None:
    log.warning("a click waits: %s", problem)
    now = keeper.now()
    retry = now + timedelta(seconds=min(2**interaction.attempts, RETRY_MAX_S))
    with writing(keeper.ledger) as session:
        interactions.mark_failed(session, interaction, problem, retry=retry)
