"""The policy language as a JSON Schema (draft 2020-12), for editors that complete and check at once.

Made from the same types that read the files, so it cannot say anything else. It knows shapes and choices;
what two keys mean together, and everything between files, only `check` tells.
"""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from policies.kinds import Kind
from policies.section import Section
from policies.source import read_source


def schema_of(section: type[Section]) -> dict[str, Any]:
    """What a file of this section may hold; gates and steps of every installed kind are among it."""
    return section.model_json_schema(schema_generator=_ForAuthors)


class _ForAuthors(GenerateJsonSchema):
    """Says what an author may write, where pydantic would say what the program holds."""

    def generate(
        self, schema: core_schema.CoreSchema, mode: JsonSchemaMode = "validation"
    ) -> JsonSchemaValue:
        """The whole, with its dialect named."""
        return {"$schema": self.schema_dialect} | super().generate(schema, mode)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 pydantic's signature
        """A key is its own title."""
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """A key that may be left out is left out, and not written with nothing behind it."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A default as it would be written; where it is written otherwise than it is held, none."""
        found = super().default_schema(schema)
        default = found.get("default")
        held_otherwise = found.get("type") == "string" and not isinstance(default, str)
        if "default" in found and (not default or held_otherwise):
            del found["default"]
        return found

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """A kind is called by its marks, and shows how it is written."""
        found = super().model_schema(schema)
        kind = schema["cls"]
        if issubclass(kind, Kind):
            found["title"] = ", ".join(kind.marks)
            found["examples"] = [read_source(kind.example, kind.__name__).root.value]
        return found
