"""Gate: what every kind of gate has in common, whatever it judges.

A gate says which evidence it needs, and judges evidence, purely. What it cannot find, or finds not to be a
figure, it answers with an error, never with a pass.
"""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import Field

from policies.datasets import Dataset
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.kinds import Kind
from policies.quantities import Text
from policies.section import Complaint
from policies.strictness import Stricter, towards
from policies.verdicts import Outcome, Severity, Verdict


class Gate(Kind):
    """One condition for a transition."""

    stricter: ClassVar[Mapping[str, Stricter]] = {"severity": towards("warn", "block")}

    name: Text | None = Field(None, description="What reviewers call the gate; unique within a transition.")
    severity: Literal["block", "warn"] = Field(
        "block", description="block: no promotion unless it passes. warn: only reported."
    )

    @property
    @abstractmethod
    def subject(self) -> str:
        """What the gate is called if it has no name of its own."""

    @property
    def label(self) -> str:
        """The gate's name in verdicts and messages."""
        return self.name or self.subject

    @property
    def files(self) -> Mapping[str, str]:
        """Files that must lie beside the policy: their paths from its folder, by the key that names each."""
        return {}

    def needs(self) -> tuple[Need, ...]:
        """The evidence that must be measured; facts of the registry need no asking."""
        return ()

    def unfit(self, datasets: Mapping[str, Dataset]) -> Iterable[Complaint]:  # noqa: ARG002 most ask for none
        """What it names that the policy's data sets do not have."""
        return ()

    @abstractmethod
    def judge(self, evidence: Evidence) -> Verdict:
        """The verdict on this evidence."""

    def says(self, outcome: Outcome, sentence: str, **figures: Any) -> Verdict:
        """A verdict in this gate's name; `figures` are the verdict's value, bound, rows."""
        return Verdict(
            gate=self.label, outcome=outcome, sentence=sentence, severity=Severity(self.severity), **figures
        )

    def without(self, gap: Gap) -> Verdict:
        """The verdict where a need was not met: fail if the candidate's fault, else not to be told."""
        return self.says(Outcome.FAIL if gap.fault == "candidate" else Outcome.ERROR, gap.reason)


F = TypeVar("F")


def seek(evidence: Evidence, need: Need, kind: type[F]) -> F | Gap:
    """The finding that answers a need; a gap where there is none, or one of another kind."""
    found = evidence.findings.get(need.key)
    if found is None:
        return Gap(reason=f"{need.key} was not measured")
    if isinstance(found, (kind, Gap)):
        return found
    return Gap(reason=f"{need.key} was answered with a {found.kind}, which says nothing of it")
