"""Reviewers: what `reviewers.yaml` says of people: their groups, and by which names else they are known."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from policies.names import same_person
from policies.quantities import Text
from policies.section import Complaint, Section, refuse_all


class Reviewers(Section):
    """Who belongs to which group of reviewers, and who is one person under several names."""

    groups: dict[Text, frozenset[Text]] = Field(description="By group, the names of its members.")
    people: dict[Text, tuple[Text, ...]] = Field(
        default_factory=dict,
        description="By the name people are listed under, their others: addresses, users of MLflow.",
    )

    @model_validator(mode="after")
    def _each_one_person(self) -> Self:
        """A name of two people would let one of them vote as the other."""
        owner = {same_person(name): name for name in self.people}
        complaints = []
        for name, others in self.people.items():
            for index, other in enumerate(others):
                first = owner.setdefault(same_person(other), name)
                if first != name:
                    what = f"'{other}' is {first} already"
                    complaints.append(Complaint(("people", name, index), what, "leave it to one of them"))
        if complaints:
            raise refuse_all(complaints)
        return self

    @property
    def listed_as(self) -> Mapping[str, str]:
        """By any of their names, as compared, the name that people are listed under."""
        names = ((each, name) for name, others in self.people.items() for each in (name, *others))
        return {same_person(each): name for each, name in names}

    @property
    def members(self) -> dict[str, frozenset[str]]:
        """By group, all names of its members."""
        listed = self.listed_as
        everyone = {
            group: {listed.get(same_person(m), m) for m in named} for group, named in self.groups.items()
        }
        return {
            group: frozenset(
                self.groups[group] | {n for name in names for n in (name, *self.people.get(name, ()))}
            )
            for group, names in everyone.items()
        }
