"""Decision -> Message: the words reviewers read. Pure; sending is the channels' work.

A message's key is a digest of facts alone, so the same work done again tells nobody twice.
"""

import shlex
from collections.abc import Sequence
from datetime import UTC, datetime

from notifications.events import Event
from notifications.message import Ask, Figure, Line, Message, MessageKind, fact_key, one_line, page_of
from notifications.words import SHIPPED, Words
from policies.moment import spoken
from policies.people import Shown
from policies.verdicts import Answer, Decision, Evaluation, Outcome, Severity, Verdict
from registry.words import VersionFacts

KINDS = {
    Answer.PROMOTE: MessageKind.PROMOTED,
    Answer.REJECT: MessageKind.REJECTED,
    Answer.HOLD: MessageKind.HELD,
    Answer.ASK: MessageKind.ASKED,
}
WORST_FIRST = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.PASS, Outcome.SKIP)
SIGNED = "--as NAME --comment '…'"
"""What a vote is given with."""


def render(  # noqa: PLR0913 all that a message says, each by its name
    decision: Decision,
    evaluation: Evaluation,
    candidate: VersionFacts,
    champion: VersionFacts | None,
    *,
    console_url: str,
    channel: str,
    figures: tuple[Figure, ...] = (),
    until: datetime | None = None,
    mind: Sequence[str] = (),
    template: str | None = None,
    words: Words = SHIPPED,
    **more: str,
) -> Message:
    """What `channel` is told of a decision, why first; `until` is when an unanswered request ends.

    `mind` is to be said beside it. Another `template` than the decision's own words it as a reminder, say,
    and may know `more`.
    """
    kind = KINDS[decision.answer]
    title, text = words.word(
        template or decision.late or kind,
        model=one_line(candidate.name),
        version=candidate.version,
        from_stage=evaluation.transition.from_stage.value,
        to_stage=evaluation.transition.to_stage.value,
        policy=evaluation.policy,
        said=[*_text(decision, evaluation, candidate, champion), *(f"Mind: {each}." for each in mind)],
        reasons=decision.reasons,
        moves=_moves(decision),
        champion=champion.version if champion else None,
        asked=decision.asked,
        until=spoken(until, UTC) if until else None,
        gates=[line.model_dump() for line in _lines(evaluation.verdicts)],
        figures=[figure.model_dump() for figure in figures],
        **more,
    )
    return Message(
        key=_decision_key(decision, evaluation, candidate, channel),
        channel=channel,
        kind=kind,
        title=title,
        text=text,
        lines=_lines(evaluation.verdicts),
        model=candidate.name,
        version=candidate.version,
        ask=_ask(decision, evaluation, candidate, until) if decision.answer is Answer.ASK else None,
        link=page_of(console_url, candidate.name, candidate.version),
        figures=figures,
        shown=Shown.of(evaluation),
        evaluation=evaluation.digest(),
    )


def render_unguarded(
    model: str, version: int, *, console_url: str, channel: str, words: Words = SHIPPED
) -> Message:
    """A model that no policy names: told once, whatever number of versions it has."""
    title, text = words.word(MessageKind.UNGUARDED, model=one_line(model), version=version)
    return Message(
        key=fact_key(MessageKind.UNGUARDED, model, channel),
        channel=channel,
        kind=MessageKind.UNGUARDED,
        title=title,
        text=text,
        model=model,
        version=version,
        link=page_of(console_url, model, version),
    )


def render_plotted(model: str, version: int, evaluation: str, *, channel: str) -> Message:
    """That the picture of a judgement can be shown now."""
    return Message(
        key=fact_key(MessageKind.PLOTTED, model, version, evaluation),
        channel=channel,
        kind=MessageKind.PLOTTED,
        title=f"{model} {version}: candidate and champion",
        text="The picture of its last judgement.",
        model=model,
        version=version,
        evaluation=evaluation,
        quiet=True,
    )


def render_event(event: Event, *, occasion: str) -> Message:
    """What machines are told; `occasion` is the fact: a decision, an action."""
    data = event.data
    return Message(
        key=fact_key(MessageKind.EVENT, event.type, occasion),
        channel="webhooks",
        kind=MessageKind.EVENT,
        title=f"{event.type}: {data.model} {data.version}",
        text="; ".join(data.reasons),
        model=data.model,
        version=data.version,
        link=data.link,
        quiet=True,
        event=event,
    )


def render_problem(
    model: str,
    version: int | None,
    sentence: str,
    *,
    console_url: str,
    channel: str,
    words: Words = SHIPPED,
) -> Message:
    """Something a person must mend, such as two policies claiming one model; told once per sentence."""
    title, text = words.word(MessageKind.PROBLEM, model=one_line(model), version=version, sentence=sentence)
    return Message(
        key=fact_key(MessageKind.PROBLEM, model, version, sentence, channel),
        channel=channel,
        kind=MessageKind.PROBLEM,
        title=title,
        text=text,
        model=model,
        version=version,
        link=page_of(console_url, model, version),
    )


def _decision_key(decision: Decision, evaluation: Evaluation, candidate: VersionFacts, channel: str) -> str:
    """A hold is told by its reasons: every retry gathers new evidence of the same trouble."""
    held = decision.answer is Answer.HOLD
    seen = decision.reasons if held else (evaluation.policy_digest, evaluation.evidence_digest)
    move = evaluation.transition
    waiting = decision.missing_approvals, *decision.asked
    return fact_key(candidate.name, candidate.version, move, decision.answer, *seen, *waiting, channel)


def _text(
    decision: Decision, evaluation: Evaluation, candidate: VersionFacts, champion: VersionFacts | None
) -> list[str]:
    tally = _tally(evaluation.verdicts)
    counted = any(reason.startswith(tally.rstrip(".")) for reason in decision.reasons)
    said = [*decision.reasons, "" if counted else tally, _against(candidate, champion, evaluation)]
    if decision.answer in {Answer.PROMOTE, Answer.REJECT}:
        said.append(_follows(decision))
    return [sentence for sentence in said if sentence]


def _tally(verdicts: tuple[Verdict, ...]) -> str:
    judged = [v for v in verdicts if v.outcome is not Outcome.SKIP]
    if not judged:
        return "No gate was judged."
    passed = sum(v.outcome is Outcome.PASS for v in judged)
    warned = sum(v.outcome is Outcome.FAIL and v.severity is Severity.WARN for v in judged)
    warnings = f", {_count(warned, 'warning')}" if warned else ""
    return f"{passed} of {_count(len(judged), 'gate')} passed{warnings}."


def _against(candidate: VersionFacts, champion: VersionFacts | None, evaluation: Evaluation) -> str:
    """The figures themselves stand in the verdicts."""
    if champion is None or (champion.name, champion.version) == (candidate.name, candidate.version):
        return "There is no champion yet to compare with." if evaluation.rubber_stamp else ""
    return f"The champion is version {champion.version}."


def _follows(decision: Decision) -> str:
    """What the policy does next. Nothing moved is said too: that is what audit mode looks like."""
    if not _moves(decision):
        return "Nothing is moved."
    moves = [
        f"alias '{step.target}' is set" if step.kind == "alias" else f"the version moves to {step.target}"
        for step in decision.steps
        if step.kind != "notify"
    ]
    archives = any(step.archive_existing for step in decision.steps)
    words = [*moves, "the one there before is archived"] if archives else moves
    return f"Next: {', '.join(words)}."


def _moves(decision: Decision) -> bool:
    return any(step.kind != "notify" for step in decision.steps)


def _lines(verdicts: tuple[Verdict, ...]) -> tuple[Line, ...]:
    """The verdict table, worst first; within one outcome in the policy's own order."""
    ranked = sorted(verdicts, key=lambda v: WORST_FIRST.index(v.outcome))
    return tuple(
        Line(gate=v.gate, outcome=v.outcome, sentence=v.sentence, severity=v.severity) for v in ranked
    )


def _ask(decision: Decision, evaluation: Evaluation, candidate: VersionFacts, until: datetime | None) -> Ask:
    wanted = "Approval" if decision.missing_approvals else "A decision"
    what = f"{wanted} asked of {', '.join(decision.asked) or 'anyone but its author'}"
    if until is not None:
        what += f", until {spoken(until, UTC)}"
    signed = f"{SIGNED} --seen {Shown.of(evaluation).mark}"
    return Ask(what=what, command=command_line("approve", candidate.name, candidate.version, signed))


def command_line(verb: str, model: str, version: int, options: str = "") -> str:
    """A `gatehouse` command on one version, safe to paste into a shell whatever the model is called."""
    words = ["gatehouse", verb, options, "--"] if model.startswith("-") else ["gatehouse", verb]
    after = [] if model.startswith("-") else [options]
    return " ".join(word for word in [*words, shlex.quote(model), str(version), *after] if word)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
