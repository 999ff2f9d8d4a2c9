"""Candidate against champion, in figures: what gates compared, else what both runs logged. Pure."""

from collections.abc import Iterator

from notifications.message import Figure
from policies.evidence.comparison import AGAINST, Comparison
from policies.evidence.evidence import Evidence
from policies.figures import numbers

MOST = 6
NAMED = 80
USUAL = "holdout"


def figures_of(evidence: Evidence) -> tuple[Figure, ...]:
    """At most six, by their names."""
    found = list(_compared(evidence)) or list(_logged(evidence))
    return tuple(found[:MOST])


def _compared(evidence: Evidence) -> Iterator[Figure]:
    for key, finding in sorted(evidence.findings.items()):
        metric, against, dataset = key.partition(AGAINST)
        if against and isinstance(finding, Comparison):
            name = metric if dataset == USUAL else f"{metric} on {dataset}"
            yield _figure(name, finding.candidate, finding.champion)


def _logged(evidence: Evidence) -> Iterator[Figure]:
    if evidence.champion is None:
        return
    ours, theirs = evidence.candidate.logged, evidence.champion.logged
    for name in sorted(ours.keys() & theirs.keys()):
        if not name.startswith("gatehouse."):
            yield _figure(f"{name} as logged", ours[name], theirs[name])


def _figure(name: str, candidate: float, champion: float) -> Figure:
    ours, theirs = numbers(candidate, champion)
    return Figure(metric=name[:NAMED], candidate=ours, champion=theirs)
