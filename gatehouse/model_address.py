"""A model version as MLflow addresses it: models:/NAME/3, models:/NAME/Production, models:/NAME@champion."""

import re
from dataclasses import dataclass

import click

from registry.port import Registry
from registry.words import ModelVersion, Stage

SCHEME = "models:/"
FORMS = "write models:/NAME/3, models:/NAME/Production or models:/NAME@ALIAS"
_OTHERS = re.compile(r"[a-z][a-z0-9+.-]*:/")


@dataclass(frozen=True)
class Address:
    """One of a model's versions: by its number, by the stage or by the alias that it has."""

    name: str
    which: int | Stage | str

    def __str__(self) -> str:
        return f"{SCHEME}{self.name}{'@' if type(self.which) is str else '/'}{self.which}"


def parse(text: str, version: int | None = None) -> Address:
    """An address, or a plain name with the version beside it. Raises UsageError."""
    if not text.startswith(SCHEME):
        if _OTHERS.match(text):
            raise click.UsageError(f"'{text}' is no registered model's address; {FORMS}")
        if version is None:
            raise click.UsageError(f"which version of {text}? Write {text} 3; or {FORMS}")
        return Address(text, version)
    if version is not None:
        raise click.UsageError(f"'{text}' says which version it is: leave out {version}")
    rest = text.removeprefix(SCHEME)
    name, at, alias = rest.rpartition("@")
    if at and "/" not in alias:
        return _checked(text, Address(name, alias))
    name, _, which = rest.rpartition("/")
    return _checked(text, Address(name, _which(text, which)))


def resolve(registry: Registry, address: Address) -> ModelVersion:
    """The version that is meant now; of several in a stage, who came there last.

    Raises UsageError for a stage or alias that no version has, VersionMissing for a number.
    """
    if isinstance(address.which, int):
        return registry.version(address.name, address.which)
    versions = registry.versions(address.name)
    if isinstance(address.which, Stage):
        found = [version for version in versions if version.stage is address.which]
    else:
        found = [version for version in versions if address.which in version.aliases]
    if not found:
        has = ", ".join(f"{v.version} in {v.stage}" for v in versions) or "no version at all"
        raise click.UsageError(f"there is no version at {address}; {address.name} has {has}")
    return max(found, key=lambda version: version.updated)


def _which(text: str, given: str) -> int | Stage:
    if given.isascii() and given.isdigit() and int(given) > 0:
        return int(given)
    try:
        return Stage.parse(given)
    except ValueError:
        raise click.UsageError(f"'{text}' is no registered version's address; {FORMS}") from None


def _checked(text: str, address: Address) -> Address:
    if not address.name or not address.which:
        raise click.UsageError(f"'{text}' is no registered version's address; {FORMS}")
    return address
