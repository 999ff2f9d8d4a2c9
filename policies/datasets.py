"""Data sets as a policy declares them. Reading what lies there is `validation`'s."""

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from policies.quantities import Count, Span, Text
from policies.section import Complaint, Section, refuse, refuse_all
from policies.strictness import LARGER, Stricter

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class DatasetUnset(Exception):
    """A data set's address names environment variables that are not set: set them, then try again."""


def _uri(given: Any) -> Any:
    if isinstance(given, str) and "${" in VARIABLE.sub("", given):
        raise refuse("a variable is not closed or not a name", "write ${NAME}: letters, digits and _")
    return given


class Dataset(Section):
    """Where a data set lies, and how much of it is enough."""

    later: ClassVar[frozenset[str]] = frozenset({"slices"})
    stricter: ClassVar[Mapping[str, Stricter]] = {
        "min_rows": LARGER,
        "max_age": Stricter(lambda age: -age.total_seconds() if age else -math.inf),
    }

    uri: Annotated[Text, BeforeValidator(_uri, json_schema_input_type=str)] = Field(
        description="File or address; ${NAME} stands for an environment variable."
    )
    target: Text = Field(description="The column that a model is to predict.")
    min_rows: Count = Field(1, description="With fewer rows nothing is judged.")
    max_age: Span | None = Field(None, description="Older than this, nothing is judged: 30d.")
    dated_by: Text | None = Field(
        None, description="Column of times; the latest is the data set's age. Without it, the file's change."
    )

    @model_validator(mode="after")
    def _dated_for_a_reason(self) -> Self:
        if self.dated_by is not None and self.max_age is None:
            raise refuse_all(
                [Complaint(("dated_by",), "this has no effect", "add max_age, or take it out", on_key=True)]
            )
        return self

    def locate(self, environ: Mapping[str, str]) -> str:
        """The uri with its variables filled in. Raises DatasetUnset naming those that are not set."""
        if missing := sorted({name for name in VARIABLE.findall(self.uri) if not environ.get(name)}):
            names = ", ".join(missing)
            raise DatasetUnset(f"the data set '{self.uri}' needs the environment variable {names}: set it")
        return VARIABLE.sub(lambda found: environ[found[1]], self.uri)
