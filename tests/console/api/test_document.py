"""The OpenAPI document: whole, served, and true of what is answered."""

import json

import jsonschema
import pytest

from console.api.address import schemas
from console.api.document import document
from console.roles import Permission
from tests.console.api.test_api import READ


def test_the_document_is_whole(app):
    with app.app_context():
        made = document(app)
    assert made["openapi"].startswith("3.1")
    named = made["components"]["schemas"]
    refs = set(json.dumps(made).split('"#/components/schemas/')[1:])
    assert {ref.partition('"')[0] for ref in refs} <= named.keys()
    bodies = {
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for item in made["paths"].values()
        for operation in item.values()
        if "requestBody" in operation
    }
    assert bodies
    assert not bodies & schemas().keys(), "a shape of a body and one of an answer have the same name"
    for item in made["paths"].values():
        for operation in item.values():
            assert operation["summary"]
            assert operation["security"] == [{"token": []}]


def test_the_document_is_served(call):
    assert call("get", "/openapi.json").json["info"]["title"] == "Gatehouse"


@pytest.mark.parametrize(
    "path",
    [
        *READ,
        "/models/taxi-fare/versions/2",
        "/models/taxi-fare/versions/3/acts",
        "/tokens",
        "/sessions",
        "/signins",
    ],
)
def test_what_is_answered_has_the_shape_that_the_document_gives(call, app, path):
    with app.app_context():
        made = document(app)
    spelt = path.replace("taxi-fare", "{name}").replace("/2", "/{number}").replace("/3", "/{number}")
    shape = made["paths"][f"/api/v1{spelt}"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    answer = call("get", path, Permission.SEE, Permission.REVIEW, Permission.TOKENS, Permission.SESSIONS).json
    jsonschema.validate(answer, shape | {"components": made["components"]})
