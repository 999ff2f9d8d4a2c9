"""Decision -> Message: the words reviewers read. Pure; sending is the channels' work.

A message's key is a digest of facts alone, so the same work done again tells nobody twice.
"""

import shlex

from notifications.message import Ask, Line, Message, MessageKind, fact_key, page_of
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


def render(
    decision: Decision,
    evaluation: Evaluation,
    candidate: VersionFacts,
    champion: VersionFacts | None,
    *,
    console_url: str,
    channel: str,
) -> Message:
    """What `channel` is told of a decision, why first."""
    return Message(
        key=_decision_key(decision, evaluation, candidate, channel),
        channel=channel,
        kind=KINDS[decision.answer],
        title=_title(decision, evaluation, candidate),
        text="\n".join(_text(decision, evaluation, candidate, champion)),
        lines=_lines(evaluation.verdicts),
        model=candidate.name,
        version=candidate.version,
        ask=_ask(decision, candidate) if decision.answer is Answer.ASK else None,
        link=page_of(console_url, candidate.name, candidate.version),
    )


def render_unguarded(model: str, version: int, *, console_url: str, channel: str) -> Message:
    """A model that no policy names: told once, whatever number of versions it has."""
    return Message(
        key=fact_key(MessageKind.UNGUARDED, model, channel),
        channel=channel,
        kind=MessageKind.UNGUARDED,
        title=f"{model} has no policy",
        text=f"Version {version} was registered, and no policy names {model}: it is recorded and left alone. "
        f"To guard it, add the name under 'models' of a policy file.",
        model=model,
        version=version,
        link=page_of(console_url, model, version),
    )


def render_problem(
    model: str, version: int | None, sentence: str, *, console_url: str, channel: str
) -> Message:
    """Something a person must mend, such as two policies claiming one model; told once per sentence."""
    of = model if version is None else f"{model} {version}"
    return Message(
        key=fact_key(MessageKind.PROBLEM, model, version, sentence, channel),
        channel=channel,
        kind=MessageKind.PROBLEM,
        title=f"{of} needs attention",
        text=sentence,
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


def _title(decision: Decision, evaluation: Evaluation, candidate: VersionFacts) -> str:
    who, stage = f"{candidate.name} {candidate.version}", evaluation.transition.to_stage
    if decision.answer is Answer.PROMOTE:
        return f"{who} goes to {stage}" if _moves(decision) else f"{who} may go to {stage}"
    if decision.answer is Answer.REJECT:
        return f"{who} is rejected for {stage}"
    if decision.answer is Answer.HOLD:
        return f"{who} is held before {stage}"
    return f"{who} waits for approval to go to {stage}"


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


def _ask(decision: Decision, candidate: VersionFacts) -> Ask:
    wanted = "Approval" if decision.missing_approvals else "A decision"
    what = f"{wanted} asked of {', '.join(decision.asked) or 'anyone but its author'}"
    return Ask(what=what, command=command_line("approve", candidate.name, candidate.version, SIGNED))


def command_line(verb: str, model: str, version: int, options: str = "") -> str:
    """A `gatehouse` command on one version, safe to paste into a shell whatever the model is called."""
    words = ["gatehouse", verb, options, "--"] if model.startswith("-") else ["gatehouse", verb]
    after = [] if model.startswith("-") else [options]
    return " ".join(word for word in [*words, shlex.quote(model), str(version), *after] if word)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
