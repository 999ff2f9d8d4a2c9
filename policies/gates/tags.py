"""`{tags: [owner, git_commit]}`: the candidate carries these tags, and they say something."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from policies.evidence.evidence import Evidence
from policies.gates.gate import Gate
from policies.quantities import Text
from policies.strictness import MORE, Stricter
from policies.verdicts import Outcome, Verdict


class RequiredTags(Gate):
    """The model version has a tag of each of these names, none of them blank."""

    marks: ClassVar[tuple[str, ...]] = ("tags",)
    example: ClassVar[str] = "{tags: [owner, git_commit]}"
    stricter: ClassVar[Mapping[str, Stricter]] = {"tags": MORE}

    tags: Annotated[tuple[Text, ...], Field(min_length=1)] = Field(
        description="Names of tags that must not be blank."
    )

    @property
    def subject(self) -> str:
        """Always the same: one list is enough."""
        return "tags"

    def judge(self, evidence: Evidence) -> Verdict:
        """Fails naming every tag that is missing or blank."""
        missing = [tag for tag in self.tags if not evidence.candidate.tags.get(tag, "").strip()]
        if missing:
            plural = "" if len(missing) == 1 else "s"
            return self.says(
                Outcome.FAIL, f"tag{plural} {', '.join(missing)} missing or blank: set with the version"
            )
        return self.says(Outcome.PASS, f"tagged with {', '.join(self.tags)}")
