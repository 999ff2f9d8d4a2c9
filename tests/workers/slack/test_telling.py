"""What a candidate's message in Slack becomes while Slack is down, or a worker dies."""

from dataclasses import replace

import pytest

from ledger import judgements, threads
from ledger.engine import reading, writing
from ledger.tables import ReportRow
from notifications.slack_api import SlackApi
from notifications.slack_bot import SlackBot
from registry.words import Stage
from tests.notifications.fake_slack.workspace import TOKEN
from tests.workers.slack.said import asked, head, work
from workers.messages import tell_plotted
from workers.report import report
from workers.sweep import sweep_fully
from workers.tell import tell
from workers.threads import LedgerMemory


def test_after_an_hour_without_slack_all_is_told_once_in_order(gate, fake, registry, clock):
    fake.space.always["*"] = "down"
    asked(gate, registry)
    asked(gate, registry)
    registry.transition("asks", 1, Stage.ARCHIVED)
    for _ in range(12):
        clock.pass_(minutes=5)
        sweep_fully(gate)
        work(gate)
    del fake.space.always["*"]
    clock.pass_(minutes=11)
    tell(gate)
    heads = fake.space.heads()
    assert [each["text"].split(".")[0] for each in heads] == [
        "asks 1 waits for approval to go to Production", "asks 2 waits for approval to go to Production",
    ]  # fmt: skip


def test_a_worker_that_dies_between_posting_and_remembering_leaves_one_message(gate, fake, registry, clock):
    class Dead(Exception):
        pass

    class Dying(LedgerMemory):
        def keep(self, *_):
            raise Dead

    api = SlackApi(TOKEN, url=fake.url)
    memory = Dying(gate.ledger, clock)
    dying = replace(gate, channels=(SlackBot(api, {"": "C0REVIEWS"}, memory, clickable=True),))
    with pytest.raises(Dead):
        asked(dying, registry)
    assert len(fake.space.heads()) == 1
    # The fake's messages are as old as its clock says.
    fake.space.heads()[0]["ts"] = f"{clock().timestamp():.6f}"
    clock.pass_(minutes=2)
    tell(gate)
    assert len(fake.space.heads()) == 1
    assert fake.space.thread(head(fake)) == []
    with reading(gate.ledger) as session:
        assert [t.ts for t in threads.of_version(session, "asks", 1)] == [head(fake)["ts"]]


def test_the_picture_of_a_judgement_comes_into_the_candidates_message(gate, fake, registry):
    asked(gate, registry)
    assert report(gate)
    with writing(gate.ledger) as session:
        judgement = judgements.latest(session, "asks", 1)
        session.get_one(ReportRow, judgement.evaluation.digest()).plot = b"\x89PNG and so on"
        tell_plotted(gate, session, judgement)
    tell(gate)
    (image,) = (block for block in head(fake)["blocks"] if block["type"] == "image")
    assert fake.space.files[image["slack_file"]["id"]]["content"] == b"\x89PNG and so on"
    work(gate)
    assert len(fake.space.files) == 1
