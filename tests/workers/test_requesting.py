"""A transition request at Databricks becomes an approval request: the people whom the policy names are asked."""

import json

import pytest

from ledger.engine import reading
from ledger.history import timeline
from notifications.message import MessageKind
from registry.memory import Seed
from tests.webhooks.senders import SECRETS, post, recorded
from webhooks.receiver import create_app
from workers.look import look
from workers.tell import tell

SAID = "ada@example.org requested Production for version 2"


class Silent:
    def ring(self):
        pass


@pytest.fixture
def requested(keeper, registry):
    """A version is registered; its transition is requested as Databricks tells, and looked at."""
    app = create_app(keeper.ledger, Silent(), secrets=SECRETS, now=keeper.now).test_client()
    registry.register("plain", Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}))

    def ask(event):
        body = json.loads(recorded("databricks", event))
        at = int(keeper.now().timestamp() * 1000)
        told = json.dumps(body | {"model_name": "plain", "version": "1", "event_timestamp": at}).encode()
        assert post(app, "databricks", told).status_code == 202
        while look(keeper):
            pass
        tell(keeper)

    return ask


def asked(heard):
    return [m for m in heard.messages if m.kind is MessageKind.ASKED]


def test_a_request_has_the_version_judged_and_the_reviewers_asked(requested, heard):
    requested("TRANSITION_REQUEST_TO_PRODUCTION_CREATED")
    assert [m.title for m in asked(heard)] == ["plain 1 waits for approval to go to Production"]
    assert asked(heard)[0].ask is not None


@pytest.mark.parametrize("event", ["TRANSITION_REQUEST_TO_PRODUCTION_CREATED", "TRANSITION_REQUEST_CREATED"])
def test_a_request_for_what_is_asked_already_asks_again_once_and_says_who(requested, heard, keeper, event):
    requested("TRANSITION_REQUEST_TO_PRODUCTION_CREATED")
    requested(event)
    requested("MODEL_VERSION_TAG_SET")
    first, second = asked(heard)
    assert (SAID in first.text, SAID in second.text) == (False, True)
    assert first.ask == second.ask
    with reading(keeper.ledger) as session:
        told = [entry.sentence for entry in timeline(session, "plain", 1)]
    assert any(SAID in sentence for sentence in told)


def test_a_request_for_another_stage_asks_nobody_for_this_one(requested, heard):
    requested("TRANSITION_REQUEST_TO_PRODUCTION_CREATED")
    requested("TRANSITION_REQUEST_TO_ARCHIVED_CREATED")
    assert len(asked(heard)) == 1
