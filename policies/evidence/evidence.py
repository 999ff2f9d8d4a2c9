"""Evidence: all facts and findings that one judgement rests on.

Nothing here measures; the values are small, so a decision can be computed again from them years later.
"""

from pydantic import Field

from policies.evidence.digest import digest_of
from policies.evidence.kinds import Finding
from registry.words import Value, VersionFacts


class Evidence(Value):
    """All that is judged of one candidate: its facts, the champion's, and the findings by need key.

    `datasets` maps each data set's name to the digest of exactly what was read.
    """

    candidate: VersionFacts
    champion: VersionFacts | None = None
    findings: dict[str, Finding] = Field(default_factory=dict)
    datasets: dict[str, str] = Field(default_factory=dict)

    def digest(self) -> str:
        """SHA-256 over the canonical JSON: equal evidence, equal digest."""
        return digest_of(self)
