"""The promises about the record, as checks: nothing lost, nothing twice, all of it true. Pure."""

from collections import Counter, defaultdict

from ledger.judgements import read_judgement
from policies.decide import decide
from policies.evaluate import evaluate
from policies.evidence.evidence import Evidence
from policies.verdicts import Approval, Step
from registry.events import RegistryEvent
from tests.chaos.facts import as_heard


def deliveries(facts):
    """What was answered 202 is in the ledger, what was genuine was not refused."""
    there = set(facts.deliveries)
    for name in sorted(facts.wire.taken - there):
        yield f"delivery {name} was answered 202, and is not in the ledger"
    for name, status in sorted(facts.wire.refused.items()):
        yield f"delivery {name} was genuine, and was answered {status}"


def forgeries(facts):
    """No forged or stale delivery was answered 202, nor left a trace."""
    for name, status in sorted(facts.wire.fooled.items()):
        yield f"delivery {name} was forged, and was answered {status}"
    for name in sorted(facts.wire.forged & set(facts.deliveries)):
        yield f"delivery {name} was forged, and is in the ledger"
    for row in facts.events:
        if RegistryEvent.model_validate_json(row.event).detail.get("actor") == "mallory":
            yield f"event {row.id} came by a forged delivery"


def changes(facts):
    """Every stage change that MLflow committed was told of, and taken once."""
    told = Counter(row.delivery_id for row in facts.events if row.origin != "replay")
    for change in facts.changes:
        count = told[f"gatehouse:{change.message_id}"]
        if change.delivered_ms is None or count != 1:
            yield f"{change.name} {change.version} to {change.to_stage} ({change.message_id}) was told {count} times"


def once(facts):
    """No decision was taken twice on the same evidence, unless the version came back or was moved between."""
    outcomes = defaultdict(set)
    for row in facts.actions:
        outcomes[row.decision_id].add(row.state)
    before = {}
    for row in facts.decisions:
        key = (row.model, row.version)
        last, before[key] = before.get(key), row
        if last is None or not _same(read_judgement(last), read_judgement(row)):
            continue
        moved = any(step.kind == "transition" for step in read_judgement(last).decision.steps)
        if not moved or outcomes[last.id] == {"planned"}:
            yield f"{row.model} {row.version}: decision {row.id} says again what {last.id} said"


def actions(facts):
    """Every decision's steps were written down once and closed once, and nothing is left over."""
    of = defaultdict(list)
    for row in facts.actions:
        of[row.decision_id].append(row)
    for row in facts.decisions:
        planned = [Step.model_validate_json(action.step) for action in of[row.id]]
        if planned != list(read_judgement(row).decision.steps):
            yield f"decision {row.id} on {row.model} {row.version} wants other steps than were written down"
        for action in of[row.id]:
            if action.state == "planned":
                yield f"{row.model} {row.version}: {action.step} of decision {row.id} was never done"
    for row in facts.work:
        yield f"{row.model} {row.version} still waits for a look: {row.problem or 'no problem is noted'}"
    for row in facts.locks:
        yield f"{row.model} is still locked by {row.holder}"


def messages(facts):
    """Every message was sent, and heard as often as it was tried and no more; none says what another says."""
    tried, wanted = Counter(), Counter()
    for row in facts.messages:
        if row.state != "sent":
            yield f"message '{row.key}' by {row.via} is {row.state}: {row.problem}"
        elif row.via == "slack":
            text = as_heard(row.message)
            wanted[text] += 1
            tried[text] += row.attempts
    for text, count in facts.wire.heard.items():
        if count > tried[text]:
            yield f"heard {count} times, tried {tried[text]} times: {text[:200]}"
    for text, count in wanted.items():
        if facts.wire.heard[text] < count:
            yield f"sent {count} times, heard {facts.wire.heard[text]} times: {text[:200]}"


def again(facts):
    """How many messages were heard once more, since their sender died before it could note them as sent."""
    wanted = Counter(as_heard(row.message) for row in facts.messages if row.via == "slack")
    return sum(max(0, count - wanted[text]) for text, count in facts.wire.heard.items())


def audit(facts):
    """Every decision can be computed again from the evidence and the policy that it names."""
    votes = defaultdict(list)
    for row in facts.approvals:
        votes[row.model, row.version].append(Approval.model_validate_json(row.approval))
    for row in facts.decisions:
        judgement = read_judgement(row)
        said = judgement.evaluation
        text = facts.evidence.get(row.evidence_digest)
        evidence = Evidence.model_validate_json(text) if text else None
        policy = facts.book.by_digest(row.policy_digest)
        if evidence is None or evidence.digest() != row.evidence_digest or policy is None:
            yield f"decision {row.id} on {row.model} {row.version} does not have what it rests on"
        elif said.verdicts and not _follows(
            facts, judgement, policy, evidence, votes[row.model, row.version]
        ):
            yield f"decision {row.id} on {row.model} {row.version} comes out otherwise when computed again"


def _follows(facts, judgement, policy, evidence, votes):
    """Some of the last votes may have come while it was taken."""
    rule = policy.rule_from(judgement.evaluation.transition.from_stage)
    evaluation = evaluate(policy, rule, evidence)
    if evaluation != judgement.evaluation:
        return False
    decisions = (
        decide(
            policy, rule, evaluation, votes[:count], authors=evidence.candidate.authors,
            groups=facts.book.groups, moment=judgement.decision.moment,
        )
        for count in range(len(votes) + 1)
    )  # fmt: skip
    return any(decision == judgement.decision for decision in decisions)


def _same(one, other):
    return one.evaluation == other.evaluation and one.decision.says_the_same(other.decision)
