"""Breaking the glass: who may promote a version over the gate's head, and who is told of it. Pure."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from policies.quantities import Text
from policies.section import Section, refuse
from policies.wording import shown

LASTS = timedelta(hours=1)
"""What was not carried out by then is not: the emergency of an hour ago may be none now."""

_People = Annotated[tuple[Text, ...], Field(min_length=1)]


class BreakGlass(Section):
    """Who may promote a version whatever its gates and reviewers say. Everybody is told."""

    by: _People = Field(description="Names of people, or groups of reviewers.")
    notify: tuple[Text, ...] = Field(
        (), description='Channels that are told beside reviewers and owners: ["#on-call"].'
    )


def _short(given: Any) -> Any:
    """`break_glass: [ada]` is short for the same with `by`."""
    if isinstance(given, str):
        raise refuse(f"{shown(given)} is not a list", f"write [{given}]")
    return {"by": given} if isinstance(given, list) else given


GlassKey = Annotated[
    BreakGlass | None, BeforeValidator(_short, json_schema_input_type=_People | BreakGlass | None)
]
"""A policy's key `break_glass`."""
