"""Steps: what is to follow a decision, as a policy writes it: `{transition: production}`.

Only names what is to be done; `workers` do it.
"""

import re
from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, PlainValidator, SerializeAsAny, StrictBool, model_validator

from policies.kinds import AnyOf, Kind, choose
from policies.problems import suggest
from policies.quantities import Text
from policies.section import Complaint, refuse, refuse_all
from policies.verdicts import Step
from registry.words import Stage

SERVING = frozenset({Stage.STAGING, Stage.PRODUCTION})
"""Stages that MLflow can clear of their other versions on the way in."""
_ALIAS = re.compile(r"[A-Za-z0-9_-]+")
_RESERVED = re.compile(r"latest|v[0-9]+", re.IGNORECASE)


def _stage(given: Any) -> Stage:
    words = [stage.value.lower() for stage in Stage]
    try:
        return Stage.parse(str(given))
    except ValueError as error:
        raise refuse(f"no stage '{given}'", suggest(str(given), words)) from error


def _alias(given: Any) -> Any:
    if isinstance(given, str) and (not _ALIAS.fullmatch(given) or _RESERVED.fullmatch(given)):
        raise refuse(
            f"'{given}' cannot be an alias", "use letters, digits, - and _; not latest, nor v and a number"
        )
    return given


_STAGES = [stage.lower() for stage in Stage]
_ANY_CASE = "|".join("".join(f"[{c.upper()}{c}]" for c in stage) for stage in _STAGES)
_WrittenStage = Annotated[
    str, Field(json_schema_extra={"anyOf": [{"enum": [*_STAGES]}, {"pattern": f"^({_ANY_CASE})$"}]})
]
StageName = Annotated[Stage, BeforeValidator(_stage, json_schema_input_type=_WrittenStage)]
"""One of MLflow's four stages, in any case."""


class Consequence(Kind):
    """One thing to be done after a decision."""

    @abstractmethod
    def step(self) -> Step:
        """The same as a plain value, for whoever does it."""


class Move(Consequence):
    """Move the candidate to a stage."""

    marks: ClassVar[tuple[str, ...]] = ("transition",)
    example: ClassVar[str] = "{transition: production}"

    transition: StageName = Field(description="none, staging, production or archived.")
    archive_existing: StrictBool | None = Field(
        None, description="Archive the stage's other versions. Without a word: yes for production."
    )

    @model_validator(mode="after")
    def _archivable(self) -> Self:
        if self.archive_existing and self.transition not in SERVING:
            what = f"'{self.transition.lower()}' keeps all its versions"
            raise refuse_all(
                [Complaint(("archive_existing",), what, "take archive_existing out", on_key=True)]
            )
        return self

    def step(self) -> Step:
        """The move; one champion unless the policy says otherwise."""
        archive = (
            self.transition is Stage.PRODUCTION if self.archive_existing is None else self.archive_existing
        )
        return Step(kind="transition", target=self.transition, archive_existing=archive)


class Name(Consequence):
    """Point an alias of the model at the candidate."""

    marks: ClassVar[tuple[str, ...]] = ("alias",)
    example: ClassVar[str] = "{alias: champion}"

    alias: Annotated[Text, BeforeValidator(_alias, json_schema_input_type=str)] = Field(
        description="The alias, without models:/ or @."
    )

    def step(self) -> Step:
        """The alias."""
        return Step(kind="alias", target=self.alias)


class Tell(Consequence):
    """Tell people."""

    marks: ClassVar[tuple[str, ...]] = ("notify",)
    example: ClassVar[str] = '{notify: "#pricing"}'

    notify: Text = Field(description="author, or a channel in quotes.")

    def step(self) -> Step:
        """The message's address."""
        return Step(kind="notify", target=self.notify)


STEPS: tuple[type[Consequence], ...] = (Move, Name, Tell)


def _read(given: Any) -> Consequence:
    return choose(STEPS, given, noun="step")


AnyStep = Annotated[SerializeAsAny[Consequence], PlainValidator(_read), AnyOf(lambda: STEPS)]
"""A step of any kind, read from its mapping."""
