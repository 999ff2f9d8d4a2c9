"""Each check of the chaos test holds for a state that the product made, and fails for one that is broken."""

import copy
from datetime import timedelta

import pytest

from ledger.tables import DecisionRow, LockRow, WorkRow
from policies.verdicts import Approval, Decision, Evaluation, Outcome, Verdict
from registry.events import EventKind, RegistryEvent
from registry.words import Stage
from tests.chaos.conftest import MODEL
from tests.chaos.report import CHECKS, table_of


def changed(facts, number, **news):
    facts.versions = [
        version.model_copy(update=news) if version.version == number else version
        for version in facts.versions
    ]


def last_decision(facts, version):
    return [row for row in facts.decisions if row.version == version][-1]


def twin(row, **news):
    """The same row once more."""
    values = {column.name: getattr(row, column.name) for column in row.__table__.columns}
    return type(row)(**values | {"id": 99} | news)


def lose_a_delivery(facts):
    facts.deliveries.remove("gatehouse:msg_1")


def refuse_a_delivery(facts):
    facts.wire.refused["gatehouse:msg_1"] = 401


def take_a_forged_delivery(facts):
    facts.deliveries.append("forged-1")


def answer_a_forged_delivery(facts):
    facts.wire.fooled["forged-1"] = 202


def follow_a_forged_delivery(facts):
    event = RegistryEvent(kind=EventKind.VERSION_DELETED, model=MODEL, version=1, detail={"actor": "mallory"})
    facts.events[-1].event = event.model_dump_json()


def leave_a_change_untold(facts):
    facts.changes[0].delivered_ms = None


def record_a_change_twice(facts):
    facts.events.append(twin(facts.events[-1]))


def overlook_a_version(facts):
    del facts.sightings[MODEL, 2]


def overlook_a_tag(facts):
    changed(facts, 1, tags={"owner": "ada", "note": "new"})


def overlook_a_deletion(facts):
    facts.versions = facts.versions[:1]


def never_judge_a_version(facts):
    facts.decisions = [row for row in facts.decisions if row.version != 2]


def judge_on_old_tags(facts):
    changed(facts, 2, tags={"owner": "ada", "note": "new"})


def judge_against_an_old_champion(facts):
    changed(facts, 1, stage=Stage.ARCHIVED)


def leave_a_version_where_it_was(facts):
    changed(facts, 2, stage=Stage.NONE)
    facts.decisions = [row for row in facts.decisions if row.version != 2 or row.answer == "promote"]


def ask_twice(facts):
    facts.decisions.append(twin(last_decision(facts, 2)))


def miss_files(facts):
    row = last_decision(facts, 2)
    gone = Verdict(gate="artifacts", outcome=Outcome.FAIL, sentence="its files are gone")
    said = Evaluation.model_validate_json(row.evaluation).model_copy(update={"verdicts": (gone,)})
    row.evaluation = said.model_dump_json()


def leave_an_action_undone(facts):
    facts.actions[-1].state = "planned"


def write_an_action_down_twice(facts):
    facts.actions.append(twin(facts.actions[-1]))


def leave_work_behind(facts):
    facts.work.append(WorkRow(model=MODEL, version=1, problem=None))


def leave_a_lock_behind(facts):
    facts.locks.append(LockRow(model=MODEL, holder="dead:1"))


def move_twice(facts):
    facts.changes.append(facts.changes[-1])


def two_champions(facts):
    changed(facts, 2, stage=Stage.PRODUCTION)


def a_champion_around_the_gate(facts):
    changed(facts, 2, stage=Stage.PRODUCTION)
    changed(facts, 1, stage=Stage.ARCHIVED)


def no_champion(facts):
    changed(facts, 1, stage=Stage.ARCHIVED)


def tell_twice(facts):
    facts.wire.heard[next(iter(facts.wire.heard))] += 1


def never_tell(facts):
    facts.wire.heard.popitem()


def leave_a_message_waiting(facts):
    facts.messages[0].state = "waiting"


def forge_evidence(facts):
    digest = last_decision(facts, 2).evidence_digest
    facts.evidence[digest] = facts.evidence[digest].replace("4.0", "3.0")


def forge_a_decision(facts):
    row = last_decision(facts, 2)
    row.decision = row.decision.replace("waiting for approval", "no need for approval")


def lose_evidence(facts):
    del facts.evidence[last_decision(facts, 2).evidence_digest]


def act_of(facts, number):
    return Approval.model_validate_json(facts.approvals[number].approval)


def lose_an_act(facts):
    del facts.approvals[0]


def record_an_act_twice(facts):
    facts.approvals.insert(1, twin(facts.approvals[0]))


def hold_twice(facts):
    facts.holds.append(twin(facts.holds[0], verb="resume"))


def act_while_held(facts):
    hold, end = facts.holds
    between = hold.at + (end.at - hold.at) / 2
    facts.actions[-1].planned = facts.actions[-1].done = between


def finish_long_after_the_hold(facts):
    facts.holds[1].at += timedelta(hours=1)
    facts.actions[-1].done = facts.holds[0].at + timedelta(minutes=2)


def count_a_withdrawn_vote(facts):
    row = last_decision(facts, 2)
    decision = Decision.model_validate_json(row.decision)
    row.decision = decision.model_copy(update={"voters": {"grace": ()}}).model_dump_json()
    for approval in facts.approvals:
        said = Approval.model_validate_json(approval.approval)
        approval.approval = said.model_copy(update={"decision": 0}).model_dump_json()


def count_a_void_vote(facts):
    said = act_of(facts, 0).model_copy(update={"evidence_digest": "0" * 64})
    facts.approvals[0].approval = said.model_dump_json()


def pass_a_vote_over(facts):
    for row in facts.decisions:
        decision = Decision.model_validate_json(row.decision)
        row.decision = decision.model_copy(update={"voters": {}}).model_dump_json()


def count_somebody_twice(facts):
    row = next(row for row in facts.decisions if Decision.model_validate_json(row.decision).voters)
    decision = Decision.model_validate_json(row.decision)
    row.decision = decision.model_copy(update={"voters": {"grace": (), "Grace ": ()}}).model_dump_json()


BREACHES = {
    "every delivery answered 202 is kept": [lose_a_delivery, refuse_a_delivery],
    "no forged delivery was taken": [
        take_a_forged_delivery, answer_a_forged_delivery, follow_a_forged_delivery,
    ],
    "every stage change was told once": [leave_a_change_untold, record_a_change_twice],
    "the ledger has seen all there is": [overlook_a_version, overlook_a_tag, overlook_a_deletion],
    "every version is judged on what is so": [
        never_judge_a_version, judge_on_old_tags, judge_against_an_old_champion, leave_a_version_where_it_was,
    ],
    "nothing was judged twice": [ask_twice],
    "no file was missed that was there": [miss_files],
    "every action was done once": [
        leave_an_action_undone, write_an_action_down_twice, leave_work_behind, leave_a_lock_behind,
    ],
    "no move without a reason": [move_twice],
    "one champion, by the gate": [two_champions, a_champion_around_the_gate, no_champion],
    "every message was told once": [tell_twice, never_tell, leave_a_message_waiting],
    "every decision can be computed again": [forge_evidence, forge_a_decision, lose_evidence],
    "no act of a person counted twice": [lose_an_act, record_an_act_twice, hold_twice],
    "nothing was done while held": [act_while_held, finish_long_after_the_hold],
    "only votes that stood were counted": [
        count_a_withdrawn_vote, count_a_void_vote, pass_a_vote_over, count_somebody_twice,
    ],
}  # fmt: skip
CASES = [(name, breach) for name, breaches in BREACHES.items() for breach in breaches]


def test_a_state_that_keeps_every_promise_passes_every_check(kept):
    assert isinstance(kept.decisions[0], DecisionRow)
    assert {name: list(check(kept)) for name, check in CHECKS.items()} == {name: [] for name in CHECKS}


def test_every_check_is_shown_to_fail():
    assert BREACHES.keys() == CHECKS.keys()


@pytest.mark.parametrize(("name", "breach"), CASES, ids=[breach.__name__ for _, breach in CASES])
def test_a_breach_is_found_by_its_check(kept, name, breach):
    breach(kept)
    assert list(CHECKS[name](kept))


def test_the_table_counts_breaches_and_says_which(kept):
    text, broken = table_of([(kept, None)], {"seconds": 1.0})
    assert broken == 0
    assert "BROKEN" not in text
    worse = copy.copy(kept)
    lose_a_delivery(worse)
    text, broken = table_of([(worse, "never quiet: 1 looks")], {"seconds": 1.0})
    assert broken == 2
    assert "BROKEN  every delivery answered 202 is kept" in text
    assert "delivery gatehouse:msg_1 was answered 202, and is not in the ledger" in text
    assert "BROKEN  never quiet: 1 looks" in text
