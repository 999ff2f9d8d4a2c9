"""Which acts are open to a person on a version, and why the others are not: for every route. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from policies.approvals import groups_of, heard, is_author, may_vote
from policies.asking import entries_at
from policies.book import PolicyBook
from policies.language import Policy, Rule
from policies.moment import Moment
from policies.names import appearance, same_person
from policies.people import Person
from policies.verdicts import Answer, Approval, Decision, Evaluation, Vote
from registry.words import Stage

DONE = {Vote.APPROVE: "approved", Vote.REJECT: "rejected"}
CHANGED = "it is judged anew first, and then you can say so"


@dataclass(frozen=True)
class Standing:
    """All that decides what may be done to a version now: its decision in force and what was said of it."""

    model: str
    version: int
    evaluation: Evaluation
    decision: Decision
    authors: frozenset[str]
    said: tuple[Approval, ...]

    def __str__(self) -> str:
        return f"{self.model} {self.version}"

    @property
    def waits(self) -> bool:
        """Whether people are asked, or may still say no while it waits for its time."""
        decision = self.decision
        waits_for_time = decision.answer is Answer.HOLD and decision.until is not None
        return decision.answer is Answer.ASK or waits_for_time

    def moment_at(self, now: datetime) -> Moment:
        """This moment, people being asked since they were."""
        taken = self.decision.moment
        return Moment(now=now, asked=taken.begun if taken else None)

    def own(self, person: Person) -> Approval | None:
        """This person's vote that counts now."""
        return heard(self.said, self.evaluation, self.authors).votes.get(same_person(person.name))


def refusals(book: PolicyBook, person: Person, on: Standing, now: datetime) -> Mapping[Vote, str | None]:
    """For each act why it is not open to this person, in a sentence; None where it is open."""
    return {verb: refusal(verb, book, person, on, now=now) for verb in Vote}


def refusal(verb: Vote, book: PolicyBook, person: Person, on: Standing, *, now: datetime) -> str | None:
    """Why one act is not open to this person; None if it is."""
    person = person.model_copy(update={"name": book.listed_as(person.name)})
    match verb:
        case Vote.COMMENT:
            return None
        case Vote.APPROVE | Vote.REJECT:
            return _vote(verb, book, person, on, now)
        case Vote.WITHDRAW:
            return _withdrawal(person, on)
        case Vote.REQUEST:
            return _request(book, person, on)
        case Vote.PROMOTE:
            return glass_refusal(policy_of(book, on), book, person, str(on))


def _vote(verb: Vote, book: PolicyBook, person: Person, on: Standing, now: datetime) -> str | None:
    if not on.waits:
        why = "; ".join(on.decision.reasons)
        return f"{on} waits for nobody: {on.decision.answer} ({why})"
    if stranger := _stranger(book, person, on):
        return stranger
    rule = _rule(book.by_digest(on.evaluation.policy_digest), on)
    if rule is None:
        return f"the policy of {on.model} has changed since {on.version} was judged: {CHANGED}"
    entries = entries_at(rule.approvals, on.moment_at(now))
    if not may_vote(groups_of(person.name, book.groups, person.groups), entries):
        asked = ", ".join(map(str, entries))
        return f"{person.name} is in none of the groups that are asked: {asked}"
    own = on.own(person)
    return f"{person.name} has {DONE[verb]} {on} already" if own and own.vote is verb else None


def _withdrawal(person: Person, on: Standing) -> str | None:
    if on.own(person) is None:
        return f"{person.name} has said nothing on {on} that could be withdrawn"
    if not on.waits:
        return f"it is too late to withdraw: {on} is decided, {on.decision.answer}"
    return None


def _request(book: PolicyBook, person: Person, on: Standing) -> str | None:
    if on.decision.answer is not Answer.REJECT:
        return f"only what was rejected is asked about again, and {on} is not: {on.decision.answer}"
    if stranger := _stranger(book, person, on):
        return stranger
    policy = policy_of(book, on)
    rule = _rule(policy, on)
    if policy is None or rule is None:
        return f"no policy in force moves {on} from {on.evaluation.transition}"
    member_of = groups_of(person.name, book.groups, person.groups)
    if may_vote(member_of, rule.approvals) or is_among(policy.owners, book, person):
        return None
    asked = ", ".join([*map(str, rule.approvals), *policy.owners])
    return f"{person.name} neither is asked about {on} nor owns its policy: {asked}"


def glass_refusal(policy: Policy | None, book: PolicyBook, person: Person, what: str) -> str | None:
    """Why somebody may not promote a version over the gate's head; None if they may."""
    if policy is None:
        return f"no policy in force rules {what}: the gate leaves it alone, and so can you move it by hand"
    glass = policy.break_glass
    if glass is None:
        return f"the policy {policy.name} lets nobody promote {what} over its head: it has no break_glass"
    if not is_among(glass.by, book, person):
        return (
            f"{person.name} is none of those who may break the glass of {policy.name}: {', '.join(glass.by)}"
        )
    if policy.mode != "enforce":
        return f"the policy {policy.name} is in audit mode: the gate moves nothing"
    if policy.rule_to(Stage.PRODUCTION) is None:
        return f"the policy {policy.name} has no transition to production"
    return None


def is_among(named: Collection[str], book: PolicyBook, person: Person) -> bool:
    """Whether a policy's list of people and groups means this person, by a name of theirs or by a group."""
    listed = book.listed_as(person.name)
    if same_person(listed) in {same_person(book.listed_as(name)) for name in named}:
        return True
    return not groups_of(listed, book.groups, person.groups).isdisjoint(named)


def policy_of(book: PolicyBook, on: Standing) -> Policy | None:
    """The policy that judged it, as it stands now."""
    return next((each for each in book.policies if each.name == on.evaluation.policy), None)


def _rule(policy: Policy | None, on: Standing) -> Rule | None:
    """The rule that was judged by, if it stands in this policy."""
    rule = policy.rule_from(on.evaluation.transition.from_stage) if policy else None
    return rule if rule and rule.transition == on.evaluation.transition else None


def _stranger(book: PolicyBook, person: Person, on: Standing) -> str | None:
    """Why somebody is kept out for who they are: an author, or one whose name only looks like another's."""
    if book.unread:
        return f"who is who cannot be read, and must be mended first: {'; '.join(book.unread)}"
    if is_author(person.name, book.authors(on.authors)):
        return f"{person.name} made {on}, and nobody approves their own version"
    known = [
        *(name for members in book.groups.values() for name in members),
        *(said.reviewer for said in on.said),
    ]
    twin = _twin(person.name, known)
    return (
        f"'{person.name}' looks like '{twin}' and is another name: use the one that is listed"
        if twin
        else None
    )


def _twin(name: str, known: Iterable[str]) -> str | None:
    seen, compared = appearance(name), same_person(name)
    return next((each for each in known if appearance(each) == seen and same_person(each) != compared), None)
