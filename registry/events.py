"""RegistryEvent: what a registry says happened. A hint, never the truth: the truth is read again."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from registry.words import Stage, Value

OWN_TAGS = "gatehouse."
"""Prefix of the tags that Gatehouse itself writes: their events are its own echo."""


class EventKind(StrEnum):
    """Named in the past tense."""

    MODEL_CREATED = "model created"
    VERSION_CREATED = "version created"
    VERSION_DELETED = "version deleted"
    STAGE_CHANGED = "stage changed"
    STAGE_RETOLD = "stage change told again"
    """A change of stage that was known already, or is older than what is known: nobody's move."""
    TRANSITION_REQUESTED = "transition requested"
    TAG_SET = "tag set"
    TAG_DELETED = "tag deleted"
    ALIAS_SET = "alias set"
    ALIAS_DELETED = "alias deleted"
    FOREIGN = "foreign"
    """Something this product does not guard, such as a prompt."""


class RegistryEvent(Value):
    """One thing that happened to a registered model or, where `version` is set, to one version of it."""

    kind: EventKind
    model: str
    version: int | None = None
    from_stage: Stage | None = None
    to_stage: Stage | None = None
    detail: dict[str, str] = Field(default_factory=dict)
    """Key and value of a tag, name of an alias, actor and comment where told, sender's word for a foreign
    event, `workspace` as MLflow claims (never to be trusted), `sample` for a sender's own test."""
    at: datetime | None = None
    """When it happened, by the registry's clock; None where the sender does not say."""
