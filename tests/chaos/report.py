"""The table of promises: how many things each was held against, and every breach in a sentence. Pure."""

from tests.chaos import acts, promises, records

CHECKS = {
    "every delivery answered 202 is kept": records.deliveries,
    "no forged delivery was taken": records.forgeries,
    "every stage change was told once": records.changes,
    "the ledger has seen all there is": promises.seen,
    "every version is judged on what is so": promises.judged,
    "nothing was judged twice": records.once,
    "no file was missed that was there": promises.files,
    "every action was done once": records.actions,
    "no move without a reason": promises.moves,
    "one champion, by the gate": promises.one_champion,
    "every message was told once": records.messages,
    "every decision can be computed again": records.audit,
    "no act of a person counted twice": acts.once,
    "nothing was done while held": acts.held,
    "only votes that stood were counted": acts.counted,
}
BREACHES_SHOWN = 10


def table_of(found, figures):
    """Text, and the number of breaches, of what `Run.play` has found."""
    lines, broken = [], 0
    for number, (facts, unquiet) in enumerate(found, 1):
        lines.append(f"\nquiet time {number} of {len(found)}: {_sizes(facts)}")
        if unquiet:
            broken += 1
            lines.append(f"  BROKEN  {unquiet}")
        for name, check in CHECKS.items():
            breaches = list(check(facts))
            broken += len(breaches)
            lines.append(f"  {'BROKEN' if breaches else 'held  '}  {name}")
            lines += [f"            {breach}" for breach in breaches[:BREACHES_SHOWN]]
            if len(breaches) > BREACHES_SHOWN:
                lines.append(f"            and {len(breaches) - BREACHES_SHOWN} more")
    lines.append("")
    lines += [f"{name}: {_worded(value)}" for name, value in figures.items()]
    lines.append(f"messages heard again, their sender killed in between: {records.again(found[-1][0])}")
    return "\n".join(lines), broken


def _sizes(facts):
    parts = {
        "versions": facts.versions, "stage changes": facts.changes, "deliveries": facts.deliveries,
        "forged": facts.wire.forged, "decisions": facts.decisions, "actions": facts.actions, "messages": facts.messages,
        "acts": facts.approvals, "holds": facts.holds,
    }  # fmt: skip
    return ", ".join(f"{len(there)} {name}" for name, there in parts.items())


def _worded(value):
    if not isinstance(value, dict):
        return f"{value:.0f}"
    return ", ".join(f"{name} {count}" for name, count in sorted(value.items())) or "none"
