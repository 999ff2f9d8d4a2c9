"""The API's blueprint, how it answers, and how it refuses: JSON throughout, for every error, too."""

from typing import Any

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.types import ResponseDict
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from werkzeug.http import HTTP_STATUS_CODES

from console.api.shapes import Refusal

PREFIX = "/api/v1"
REFS = "#/components/schemas/{model}"
REFUSED = {
    400: "What was sent cannot be read",
    401: "No good token was shown, or none at all",
    403: "The caller may not do this",
    404: "There is no such thing",
    409: "It cannot be done as things stand",
    413: "The body is too large",
    415: "The body is not JSON",
    421: "The console does not answer to the name that it was asked by",
    422: "What was sent is not of the shape that this document gives",
    429: "Too many calls; Retry-After says when to come again",
    503: "The ledger or the sign-in service does not answer",
}


def refusing() -> ResponseDict:
    """How every operation may refuse."""
    schema = {"$ref": REFS.format(model=Refusal.__name__)}
    return {
        str(status): {"description": why, "content": {"application/problem+json": {"schema": schema}}}
        for status, why in REFUSED.items()
    }


api = APIBlueprint(
    "api",
    __name__,
    url_prefix=PREFIX,
    abp_responses=refusing(),
    abp_security=[{"token": []}],
    operation_id_callback=lambda *, name, path, method: name.rpartition(".")[2],  # noqa: ARG005 its signature
)


@api.before_request
def _said_once() -> Response | None:
    """Of two values for one word, neither is known to be meant."""
    twice = [name for name, values in request.args.lists() if len(values) > 1]
    return refuse(422, f"given more than once: {', '.join(twice)}") if twice else None


ANSWERS: list[type[BaseModel]] = [Refusal]


def answers(shape: type[BaseModel], status: int = 200, what: str = "The answer") -> ResponseDict:
    """The good answer of an operation, for its document."""
    ANSWERS.append(shape)
    schema = {"$ref": REFS.format(model=shape.__name__)}
    return {str(status): {"description": what, "content": {"application/json": {"schema": schema}}}}


def schemas() -> dict[str, Any]:
    """The shapes of all answers, by name; two classes of one name below them are told apart."""
    kinds: list[tuple[type[BaseModel], JsonSchemaMode]] = [(shape, "serialization") for shape in ANSWERS]
    _, found = models_json_schema(kinds, ref_template=REFS)
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def answer(value: BaseModel, status: int = 200) -> Response:
    """A value as JSON."""
    return Response(value.model_dump_json(), status, mimetype="application/json")


def refuse(status: int, detail: str) -> Response:
    """A refusal as JSON."""
    refusal = Refusal(title=HTTP_STATUS_CODES.get(status, "Error"), status=status, detail=detail)
    return Response(refusal.model_dump_json(), status, mimetype="application/problem+json")


def not_of_the_shape(error: ValidationError) -> Response:
    """What was sent is not what the document says; each fault with its place."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    places = (".".join(map(str, each["loc"])) or "the body" for each in found)
    return refuse(422, "; ".join(f"{at}: {each['msg']}" for at, each in zip(places, found, strict=True)))
