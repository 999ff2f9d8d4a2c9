"""One gate asked, and its answer believed only as far as it can be true, whoever wrote the gate.

A gate that raises, or answers with anything but a verdict of its own, could not tell: that is an error.
"""

import math

from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.gates.gate import Gate
from policies.gates.registered import GATES
from policies.gates.soundness import RAISED, Unsound, why
from policies.verdicts import Outcome, Verdict


def judged(gate: Gate, evidence: Evidence) -> Verdict:
    """The gate's verdict, or an error that says why it is not to be had."""
    try:
        return _believed(gate, gate.judge(evidence), evidence)
    except RAISED as error:
        return gate.says(Outcome.ERROR, f"{gate.label} could not judge: {why(error)}")


def _believed(gate: Gate, said: object, evidence: Evidence) -> Verdict:
    """What the gate said, read again as if it came from outside. Raises Unsound for what cannot be true."""
    if not isinstance(said, Verdict):
        raise Unsound(f"it answered with {type(said).__name__}, which is no verdict")
    verdict = Verdict.model_validate(dict(said))
    if (verdict.gate, verdict.severity) != (gate.label, gate.severity):
        raise Unsound(f"it answered for '{verdict.gate}' ({verdict.severity}); answer by self.says")
    if verdict.outcome is Outcome.PASS:
        _check_pass(gate, verdict, evidence)
    return verdict


def _check_pass(gate: Gate, verdict: Verdict, evidence: Evidence) -> None:
    if verdict.value is not None and not math.isfinite(verdict.value):
        raise Unsound(f"it passed {verdict.value}, which is not a figure")
    if type(gate) in GATES:
        return
    for need in gate.needs():
        found = evidence.findings.get(need.key)
        due = evidence.champion is not None or not need.against_champion
        if due and (found is None or isinstance(found, Gap)):
            raise Unsound(f"it passed although {need.key} was not measured")
