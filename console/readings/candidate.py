"""One candidate: gates, slices, what it was made with, votes, report, and everything that happened."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from console.readings.beside import Beside, logged, parameters
from console.readings.decided import OPEN
from console.readings.slices import BySlice, by_slice
from ledger import approvals, holds, judgements, reports
from ledger.history import Entry, timeline
from ledger.judgements import Judgement
from ledger.sightings import Sighting, of_version
from ledger.tables import WorkRow
from ledger.uses import uses
from policies.approvals import heard
from policies.evidence.evidence import Evidence
from policies.verdicts import Answer, Approval, Decision, Evaluation, Verdict, Vote
from policies.wear import warnings
from registry.words import Stage, Value, VersionFacts
from validation.reports.bar import Bar, bar_of

ENTRIES = 300


class Gate(Value):
    """A verdict, and where its interval and its bound lie in a picture; None where nothing can be drawn."""

    verdict: Verdict
    bar: Bar | None


class Said(Value):
    """What somebody said; `void` says why a vote does not count now."""

    approval: Approval
    void: str


class Look(Value):
    """A version that is looked at, or is to be; `problem` is what the last try ended with."""

    under_way: bool
    due: datetime
    problem: str | None
    given_up: bool


class Report(Value):
    """What there is of the report: whether it can be read, and what became of logging it to the run."""

    made: bool
    state: str
    problem: str | None


class Judged(Value):
    """The decision in force, with what it rests on; `champion` is who it was compared with."""

    id: int
    at: datetime
    evaluation: Evaluation
    decision: Decision
    gates: tuple[Gate, ...]
    candidate: VersionFacts
    champion: VersionFacts | None
    datasets: dict[str, str]
    slices: tuple[BySlice, ...]
    logged: tuple[Beside, ...]
    parameters: tuple[Beside, ...]
    report: Report | None
    warnings: tuple[str, ...]
    """What is to be said beside its verdicts."""


class Candidate(Value):
    """One version; `stage` is None if the registry was never seen to have it, or has it no longer."""

    name: str
    number: int
    stage: Stage | None
    aliases: tuple[str, ...]
    judged: Judged | None
    said: tuple[Said, ...]
    """In the order it was said."""
    hold: str | None
    """By whom and why no version of this model is moved now."""
    look: Look | None
    entries: tuple[Entry, ...]

    @property
    def known(self) -> bool:
        """Whether anything is on record."""
        return bool(self.stage or self.entries or self.look)

    @property
    def open(self) -> bool:
        """Whether its decision still keeps it where it stands."""
        judged = self.judged
        if judged is None or judged.decision.answer not in OPEN:
            return False
        return judged.evaluation.transition.from_stage is self.stage

    @property
    def asking(self) -> bool:
        """Whether people are asked now."""
        return self.open and self.judged is not None and self.judged.decision.answer is Answer.ASK


def candidate(session: Session, name: str, number: int) -> Candidate:
    """One version; empty if it was never heard of."""
    seen = of_version(session, name, number)
    judgement = judgements.latest(session, name, number)
    held = holds.in_force(session, name)
    return Candidate(
        name=name,
        number=number,
        stage=seen.stage if seen else None,
        aliases=_aliases(seen),
        judged=_judged(session, judgement) if judgement else None,
        said=_said(session, judgement, approvals.of_version(session, name, number)),
        hold=str(held) if held else None,
        look=_look(session, name, number),
        entries=tuple(timeline(session, name, number, newest=ENTRIES)),
    )


def _aliases(seen: Sighting | None) -> tuple[str, ...]:
    return tuple(sorted(seen.aliases)) if seen and seen.aliases else ()


def _said(session: Session, judgement: Judgement | None, said: Sequence[Approval]) -> tuple[Said, ...]:
    """Each with why it does not count, if it is a vote that does not."""
    if judgement is None:
        return tuple(Said(approval=one, void="") for one in said)
    authors = judgements.evidence_of(session, judgement).candidate.authors
    standing = list(heard(said, judgement.evaluation, authors).votes.values())
    return tuple(Said(approval=one, void=_void(one, judgement, standing)) for one in said)


def _void(one: Approval, judgement: Judgement, standing: Sequence[Approval]) -> str:
    if one.vote not in {Vote.APPROVE, Vote.REJECT} or one in standing:
        return ""
    shown = judgement.evaluation
    if (one.evidence_digest, one.policy_digest) == (shown.evidence_digest, shown.policy_digest):
        return "counts no more: withdrawn, or said otherwise since"
    return "void: given for other evidence or another policy text than that of the decision in force"


def _look(session: Session, name: str, number: int) -> Look | None:
    row = session.scalar(select(WorkRow).where(WorkRow.model == name, WorkRow.version == number))
    if row is None:
        return None
    under_way, given_up = row.leased_until is not None, row.given_up is not None
    return Look(under_way=under_way, due=row.due, problem=row.problem, given_up=given_up)


def _judged(session: Session, judgement: Judgement) -> Judged:
    evaluation = judgement.evaluation
    evidence = judgements.evidence_of(session, judgement)
    of = (judgement.model, judgement.version)
    return Judged(
        id=judgement.id,
        at=judgement.at,
        evaluation=evaluation,
        decision=judgement.decision,
        gates=tuple(Gate(verdict=verdict, bar=bar_of(verdict)) for verdict in evaluation.verdicts),
        candidate=evidence.candidate,
        champion=_other(evidence),
        datasets=evidence.datasets,
        slices=by_slice(evidence, reports.sketch_of(session, evaluation.evidence_digest)),
        logged=logged(evidence),
        parameters=parameters(evidence),
        report=_report(session, evaluation),
        warnings=warnings(uses(session, judgement.model).get(of, ())),
    )


def _other(evidence: Evidence) -> VersionFacts | None:
    """A champion under watch was compared with nobody."""
    one, other = evidence.candidate, evidence.champion
    return None if other is None or (other.name, other.version) == (one.name, one.version) else other


def _report(session: Session, evaluation: Evaluation) -> Report | None:
    kept = reports.kept(session, evaluation)
    return Report(made=kept.made, state=kept.state, problem=kept.problem) if kept else None
