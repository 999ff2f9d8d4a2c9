"""Spot: one value of a policy together with where it stands in the file, to be told as it was written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policies.figures import percent
from policies.language import Policy
from policies.quantities import parse_percent
from policies.section import Section
from policies.source import Node, Path
from policies.written import written


@dataclass(frozen=True)
class Spot:
    """A value, the policy it is of, and its path in that policy's file."""

    policy: Policy
    value: Any
    path: Path = ()
    is_percent: bool = False

    @property
    def key(self) -> str:
        """What it stands under."""
        return str(self.path[-1])

    def field(self, name: str) -> "Spot":
        """The value of one field of a section."""
        field = type(self.value).model_fields[name]
        is_percent = any(getattr(each, "func", None) is parse_percent for each in field.metadata)
        return Spot(self.policy, getattr(self.value, name), (*self.path, field.alias or name), is_percent)

    def entry(self, at: str | int) -> "Spot":
        """One value of a list or a mapping."""
        return Spot(self.policy, self.value[at], (*self.path, at))

    def node(self, *, above: bool = False) -> Node | None:
        """What is written here, or around it; None if nothing is."""
        path = self.path[:-1] if above else self.path
        return self.policy.source.node(path) if self.policy.source else None

    def told(self) -> str:
        """As it stands in the file; of what is left out there, what holds then."""
        if node := self.node():
            return written(node.value)
        plain = self.value.model_dump(mode="json") if isinstance(self.value, Section) else self.value
        told = percent(plain) if self.is_percent and isinstance(plain, float) else written(plain)
        around = self.node(above=True)
        left_out = around is not None and isinstance(around.value, Mapping) and told not in {"nothing", "[]"}
        return f"{told} (by default)" if left_out else told
