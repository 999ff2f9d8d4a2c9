"""Breaking the glass: who may promote a version over the gate's head, and who is told of it. Pure."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from policies.names import same_person
from policies.quantities import Text
from policies.section import Section

LASTS = timedelta(hours=1)
"""What was not carried out by then is not: the emergency of an hour ago may be none now."""

_People = Annotated[tuple[Text, ...], Field(min_length=1)]


class BreakGlass(Section):
    """Who may promote a version whatever its gates and reviewers say. Everybody is told."""

    by: _People = Field(description="Names of people, or groups of reviewers.")
    notify: tuple[Text, ...] = Field(
        (), description='Channels that are told beside reviewers and owners: ["#on-call"].'
    )

    def names(self, name: str, member_of: Iterable[str]) -> bool:
        """Whether somebody may, by name or as a member of a group."""
        return same_person(name) in map(same_person, self.by) or not set(member_of).isdisjoint(self.by)


def _short(given: Any) -> Any:
    """`break_glass: [ada]` is short for the same with `by`."""
    return {"by": given} if isinstance(given, list) else given


GlassKey = Annotated[
    BreakGlass | None, BeforeValidator(_short, json_schema_input_type=_People | BreakGlass | None)
]
"""A policy's key `break_glass`."""
