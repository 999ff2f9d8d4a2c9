"""Data sets as a policy declares them. Reading what lies there is `validation`'s."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from policies.quantities import Count, Span, Text
from policies.section import Complaint, Section, refuse, refuse_all
from policies.slices import AnySlice
from policies.strictness import LARGER, Stricter

DEFAULT = "default"
"""Among bounds by slice: of every slice that has none of its own."""
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


_PASSWORD = re.compile(r"://[^/@]*:[^/@]+@")


class DatasetUnset(Exception):
    """A data set's address names environment variables that are not set: set them, then try again."""


def _uri(given: Any) -> Any:
    if isinstance(given, str) and "${" in VARIABLE.sub("", given):
        raise refuse("a variable is not closed or not a name", "write ${NAME}: letters, digits and _")
    if isinstance(given, str) and _PASSWORD.search(given):
        raise refuse("an address with a password in it", "leave it to the workers' environment")
    return given


def _slices(given: Any) -> Any:
    if isinstance(given, dict) and DEFAULT in given:
        raise refuse_all(
            [Complaint((DEFAULT,), f"'{DEFAULT}' stands for all slices", "choose another", on_key=True)]
        )
    return given


def _class_name(given: Any) -> Any:
    """Numbers and texts are called alike: 1 and "1" are one class."""
    if isinstance(given, bool):
        raise refuse(f"{str(given).lower()} is written in too many ways", "write 0 and 1 for false and true")
    if isinstance(given, (int, float)):
        return str(int(given)) if float(given).is_integer() else repr(float(given))
    return given


ClassName = Annotated[Text, BeforeValidator(_class_name, json_schema_input_type=str | int | float)]


class Dataset(Section):
    """Where a data set lies, and how much of it is enough."""

    stricter: ClassVar[Mapping[str, Stricter]] = {
        "min_rows": LARGER,
        "not_trained_on": LARGER,
        "max_age": Stricter(lambda age: -age.total_seconds() if age else -math.inf),
    }

    uri: Annotated[Text, BeforeValidator(_uri, json_schema_input_type=str)] = Field(
        description="A file, a folder of files, an address such as s3://bucket/trips.parquet, or what a run "
        "logged, runs:/RUN_ID/datasets/NAME; ${NAME} stands for an environment variable."
    )
    target: Text = Field(description="The column that a model is to predict.")
    classes: Annotated[tuple[ClassName, ...], Field(min_length=2, max_length=1000)] | None = Field(
        None,
        description="The classes of the target, in the order in which models give probabilities; of two, the "
        "last is the one that a single probability is of.",
    )
    predictions: Literal["labels", "probabilities"] | None = Field(
        None, description="What models answer, where it cannot be known from the answers: needs classes."
    )
    min_rows: Count = Field(1, description="With fewer rows nothing is judged.")
    day: Text | None = Field(
        None,
        description="Column of times: models are compared by whole days, whose rows may err together; the "
        "latest time is the data set's age.",
    )
    max_age: Span | None = Field(
        None, description="Older than this, nothing is judged: 30d. Without `day` the file's change counts."
    )
    not_trained_on: bool = Field(
        default=False,
        strict=True,
        description="No promotion of a model that was trained on these rows, by what its trainer logged.",
    )
    key: Text | None = Field(
        None, description="Column that tells rows apart, such as trip_id: by it, each row is looked for."
    )
    engine: Literal["local", "spark"] = Field(
        "local",
        description="Who reads the rows and has them scored. local: the worker. spark: the Spark that the "
        "workers know, for Parquet that is too much for one machine.",
    )
    slices: Annotated[dict[Text, AnySlice], BeforeValidator(_slices)] = Field(
        default_factory=dict,
        description="Rows that are judged for themselves, by name: a condition in quotes, {by: COLUMN}, or "
        "{by: COLUMN, bins: [0, 2, inf]}.",
    )

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if complaints := [*self._doubtful_classes(), *self._unused_key(), *self._not_on_spark()]:
            raise refuse_all(complaints)
        return self

    def _doubtful_classes(self) -> Iterator[Complaint]:
        named = self.classes or ()
        if len(set(named)) < len(named):
            yield Complaint(("classes",), "a class stands here twice", "take one out")
        if self.predictions and not named:
            what = "nobody knows of which classes"
            yield Complaint(("predictions",), what, "add classes: [...]", on_key=True)

    def _unused_key(self) -> Iterator[Complaint]:
        if self.key is not None and not self.not_trained_on:
            what = "'key' is for not_trained_on, which is not asked for"
            yield Complaint(("key",), what, "add not_trained_on: true", on_key=True)

    def _not_on_spark(self) -> Iterator[Complaint]:
        if self.engine != "spark":
            return
        if self.uri.endswith((".csv", ".csv.gz")):
            yield Complaint(("uri",), "Spark is given Parquet, and this is CSV", "write the rows as Parquet")
        if self.classes is not None:
            what = "classes are not judged on Spark"
            yield Complaint(("classes",), what, "take out engine: spark", on_key=True)
        if self.not_trained_on:
            what = "whether rows were trained on is not looked for on Spark"
            yield Complaint(("not_trained_on",), what, "take it out, or engine: spark", on_key=True)
        if self.max_age is not None and self.day is not None:
            what = "on Spark the age goes by the files' last change, and not by 'day'"
            yield Complaint(("max_age",), what, "take out one of the two, or engine: spark", on_key=True)

    def locate(self, environ: Mapping[str, str]) -> str:
        """The uri with its variables filled in. Raises DatasetUnset naming those that are not set."""
        if missing := sorted({name for name in VARIABLE.findall(self.uri) if not environ.get(name)}):
            names = ", ".join(missing)
            raise DatasetUnset(f"the data set '{self.uri}' needs the environment variable {names}: set it")
        return VARIABLE.sub(lambda found: environ[found[1]], self.uri)
