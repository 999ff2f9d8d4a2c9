"""The promises about what people do, as checks: each act counts once, holds hold, and votes are those that stand.

Pure. An act keeps the number of the decision that was in force when it was said, so what was said before which
decision is known exactly, whatever the clocks.
"""

from collections import Counter, defaultdict
from datetime import timedelta

from ledger.judgements import read_judgement
from policies.approvals import heard
from policies.evidence.evidence import Evidence
from policies.names import same_person
from policies.verdicts import Approval, Vote

UNDER_WAY = timedelta(minutes=1)
"""So long may a step take that had begun when somebody said hold."""


def once(facts):
    """What was answered is on record once, and nothing is there that nobody said; nobody says the same twice."""
    there = Counter()
    last = {}
    for row in facts.approvals:
        act = Approval.model_validate_json(row.approval)
        there[row.model, row.version, act.reviewer, act.vote] += 1
        key = (row.model, row.version, act.reviewer, act.evidence_digest, act.policy_digest)
        if act.vote is Vote.REQUEST:
            last = {of: verb for of, verb in last.items() if of[:2] != key[:2]}
        elif act.vote is not Vote.COMMENT:
            if last.get(key) is act.vote:
                yield f"{act.reviewer} said {act.vote} of {row.model} {row.version} twice in a row"
            last[key] = act.vote
    for act in there.keys() | facts.taken.keys():
        least, most = facts.taken[act], facts.taken[act] + facts.doubtful[act]
        if not least <= there[act] <= most:
            yield f"{act} was taken {least} times, perhaps {most}, and is on record {there[act]} times"
    before = {}
    for row in facts.holds:
        if before.get(row.model, "resume") == row.verb:
            yield f"{row.verb} {row.id} of {row.model or 'all models'} follows another"
        before[row.model] = row.verb


def held(facts):
    """Nothing was done to a model while somebody held it, but for a step that was under way."""
    for number, row in enumerate(facts.holds):
        if row.verb != "hold" or row.id not in facts.held:
            continue
        since = facts.held[row.id]
        ends = (
            later.at for later in facts.holds[number:] if (later.model, later.verb) == (row.model, "resume")
        )
        until = next(ends, None)
        for action in facts.actions:
            if action.state != "done" or row.model not in {None, action.model}:
                continue
            from_when = since if action.planned > since else since + UNDER_WAY
            if action.done > from_when and (until is None or action.done < until):
                yield f"{action.model} {action.version}: {action.step} was done while hold {row.id} was in force"


def counted(facts):
    """Every decision counts exactly the votes that stood when it was taken: none withdrawn, void, or missing."""
    acts = defaultdict(list)
    for row in facts.approvals:
        acts[row.model, row.version].append(Approval.model_validate_json(row.approval))
    for row in facts.decisions:
        judgement = read_judgement(row)
        if judgement.decision.moment is None:
            continue  # it carries an act out, and counts no votes
        said = [act for act in acts[row.model, row.version] if (act.decision or 0) < row.id]
        evidence = Evidence.model_validate_json(facts.evidence[row.evidence_digest])
        authors = facts.book.authors(evidence.candidate.authors)
        standing = {vote.reviewer for vote in heard(said, judgement.evaluation, authors).votes.values()}
        voters = set(judgement.decision.voters)
        of = f"decision {row.id} on {row.model} {row.version}"
        if len({same_person(name) for name in voters}) < len(voters):
            yield f"{of} counts somebody twice: {', '.join(sorted(voters))}"
        for name in sorted(voters - standing):
            yield f"{of} counts {name}, whose vote was withdrawn, void, or never given"
        for name in sorted(standing - voters):
            yield f"{of} does not count {name}, whose vote stood"
