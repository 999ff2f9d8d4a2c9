"""The API's OpenAPI document, made of the types that the API is made of."""

from typing import Any, cast

from flask import Response, current_app, jsonify
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from flask_openapi3.types import SecuritySchemesDict

from console.api import access, acts, pages  # noqa: F401 each adds its addresses
from console.api.address import PREFIX, api, schemas

ABOUT = (
    "Every page of the console as JSON, and the acts of people. Show an API token, as `gatehouse token new` "
    "prints it: `Authorization: Bearer gatehouse_...`. Without an OpenID provider, reading needs none. "
    "A name in an address is percent-encoded twice, so that one with a slash stays one segment."
)
SECURITY: SecuritySchemesDict = {"token": {"type": "http", "scheme": "bearer"}}
VERSION = "1.0.0"
"""Of this document, not of the product: raised when what is asked or answered changes."""
ADDRESS = f"{PREFIX}/openapi.json"


def about() -> Info:
    """Its title and version."""
    return Info(title="Gatehouse", version=VERSION, description=ABOUT)


def document(app: OpenAPI) -> dict[str, Any]:
    """The whole of it; made once."""
    made = cast("dict[str, Any]", app.api_doc)
    made["components"]["schemas"] |= schemas()
    return made


@api.get("/openapi.json", doc_ui=False)
def openapi() -> Response:
    """What can be asked here, and how it is answered."""
    return jsonify(document(cast("OpenAPI", current_app)))
