"""Whose word no longer counts when a version is judged anew, and what has changed since then. Pure."""

from collections.abc import Iterable, Iterator

from policies.approvals import heard
from policies.evidence.evidence import Evidence
from policies.verdicts import Approval, Evaluation, Vote

Judged = tuple[Evaluation, Evidence]


def voided(said: Iterable[Approval], before: Judged, after: Evaluation) -> tuple[Approval, ...]:
    """Approvals of the evaluation before that are none of the one after, oldest first."""
    evaluation, evidence = before
    if _tied_to(evaluation) == _tied_to(after):
        return ()
    votes = heard(said, evaluation, evidence.candidate.authors).votes.values()
    return tuple(vote for vote in votes if vote.vote is Vote.APPROVE)


def changes(before: Judged, after: Judged) -> tuple[str, ...]:
    """What an approval was given for and is no longer so, in words."""
    return tuple(_changes(before, after))


def _changes(before: Judged, after: Judged) -> Iterator[str]:
    (old, seen), (new, sees) = before, after
    if old.policy_digest != new.policy_digest:
        yield "the policy's text is another"
    if champion := _champion(seen, sees):
        yield champion
    if seen.candidate != sees.candidate:
        yield _of_candidate(seen, sees)
    names = sorted({*seen.datasets, *sees.datasets})
    yield from (
        f"the data set '{n}' is another" for n in names if seen.datasets.get(n) != sees.datasets.get(n)
    )
    told = (seen.champion, seen.candidate, seen.datasets) != (sees.champion, sees.candidate, sees.datasets)
    if seen.findings != sees.findings and not told:
        yield "it was measured anew, with other figures"


def _champion(seen: Evidence, sees: Evidence) -> str | None:
    before, now = seen.champion, sees.champion
    if before == now:
        return None
    if before and now and before.version == now.version:
        return f"what is known of the champion, version {now.version}, is another"
    was = f"version {before.version}" if before else "none"
    return f"the champion is {f'version {now.version}' if now else 'none'} now, it was {was}"


def _of_candidate(seen: Evidence, sees: Evidence) -> str:
    """Tags change most often, and by name."""
    old, new = seen.candidate, sees.candidate
    keys = sorted(key for key in {*old.tags, *new.tags} if old.tags.get(key) != new.tags.get(key))
    if keys and old.model_copy(update={"tags": {}}) == new.model_copy(update={"tags": {}}):
        return f"tags of the version are others: {', '.join(keys)}"
    return "what is known of the version itself is another"


def _tied_to(evaluation: Evaluation) -> tuple[str, str]:
    return evaluation.evidence_digest, evaluation.policy_digest
