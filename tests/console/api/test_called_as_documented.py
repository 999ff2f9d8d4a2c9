"""The API against its own document: every operation is called with what it allows, and with what it does not."""

import threading
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from sqlalchemy import create_engine
from werkzeug.serving import make_server

from console.api.document import ADDRESS, document
from console.app import create_app, now
from console.roles import Permission
from console.settings import ConsoleSettings
from console.signin.tokens import Wanted, make_token
from ledger.engine import open_ledger
from ledger.migrate import upgrade

EXAMPLES = 10
"""Of each operation and kind, the same each time."""
CLOSED = ConsoleSettings(oidc_issuer="https://login.example.org", oidc_client_id="x")


def operations():
    app = create_app(create_engine("sqlite://"))
    with app.app_context():
        return [(path, method) for path, item in document(app)["paths"].items() for method in item]


@pytest.fixture(scope="module")
def called(tmp_path_factory):
    """The document as a caller reads it over HTTP, of an app that asks everybody to sign in; and a token."""
    engine = open_ledger(f"sqlite:///{tmp_path_factory.mktemp('api') / 'ledger.db'}")
    upgrade(engine)
    app = create_app(engine, CLOSED)
    for limiter in app.extensions["limiter"]:
        limiter.enabled = False
    wanted = Wanted("grace", frozenset(Permission), timedelta(days=1), made_by="ann")
    headers = {"Authorization": f"Bearer {make_token(engine, wanted, now())[1]}"}
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}{ADDRESS}"
    yield schemathesis.openapi.from_url(address, headers=headers), headers
    server.shutdown()
    thread.join()
    server.server_close()
    engine.dispose()


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("path", "method"), operations())
def test_it_answers_as_its_document_says(called, path, method, mode):
    schema, headers = called
    operation = schema[path][method]
    if mode is GenerationMode.NEGATIVE and not (
        operation.body or operation.query or operation.path_parameters
    ):
        return

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def every(case):
        case.call_and_validate(headers=headers)

    every()
