"""Section: a mapping in a policy file, as a typed value that knows which keys it takes.

Every error leaves a section already worded as "what, what instead" (`wording`), so that whoever reads a
file only adds the place.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NamedTuple, Self

from pydantic import ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from policies.problems import suggest
from policies.strictness import Stricter
from policies.wording import in_words
from registry.words import Value


class Complaint(NamedTuple):
    """Something wrong below a section: where (keys and indices from it), what, and what instead."""

    at: tuple[str | int, ...]
    what: str
    instead: str = ""
    on_key: bool = False
    """The key itself is wrong, not what it leads to."""


def refuse(what: str, instead: str = "", *, on_key: bool = False) -> PydanticCustomError:
    """One error about the very value that a validator looks at, ready to be raised."""
    return PydanticCustomError("policy", "{what}", {"what": what, "instead": instead, "on_key": on_key})


def refuse_all(complaints: Iterable[Complaint]) -> ValidationError:
    """Several errors at places below the value that a validator looks at, ready to be raised."""
    return ValidationError.from_exception_data(
        "policy", [_detail(c.at, refuse(c.what, c.instead, on_key=c.on_key)) for c in complaints]
    )


class Section(Value):
    """A mapping whose keys are all known: an unknown one is answered with the nearest that is."""

    stricter: ClassVar[Mapping[str, Stricter]] = {}
    """Fields of this very class of which it is certain which way they grow stricter."""

    @classmethod
    def stricter_if(cls, field: str) -> Stricter | None:
        """Which way a field, declared here or in a base, grows stricter; None where that is not certain."""
        for base in cls.__mro__:
            if issubclass(base, Section) and field in vars(base).get("stricter", {}):
                return base.stricter[field]
        return None

    @model_validator(mode="wrap")
    @classmethod
    def _only_known_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(data, dict):
            return handler(data)
        known = [field.alias or name for name, field in cls.model_fields.items()]
        errors = [_detail((key,), cls._unknown(key, known)) for key in data if key not in known]
        try:
            value = handler({key: data[key] for key in known if key in data})
        except ValidationError as error:
            found = error.errors(include_url=False)
            errors += [_detail(e["loc"], _worded(e)) for e in found if not _echo(e)]
        if errors:
            raise ValidationError.from_exception_data("policy", errors)
        return value

    @classmethod
    def _unknown(cls, key: str, known: list[str]) -> PydanticCustomError:
        return refuse(f"unknown key '{key}'", suggest(key, known), on_key=True)


def _echo(error: Any) -> bool:
    """A list found too short only because its entries are wrong, which is told already."""
    return error["type"] == "too_short" and bool(error["input"]) and not error["ctx"]["actual_length"]


def _worded(error: Any) -> PydanticCustomError:
    """The error as it is if it has been worded further down, else in an author's words."""
    if error["type"] == "policy":
        return PydanticCustomError("policy", "{what}", error["ctx"])
    return refuse(*in_words(error))


def _detail(at: tuple[str | int, ...], error: PydanticCustomError) -> InitErrorDetails:
    return InitErrorDetails(type=error, loc=at, input=None)
