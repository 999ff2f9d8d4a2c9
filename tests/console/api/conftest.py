"""The API over a ledger with a story, called as a script calls it."""

from datetime import timedelta

import pytest

from console.app import create_app
from console.signin.tokens import Wanted, make_token


@pytest.fixture
def rings():
    return []


@pytest.fixture
def app(engine, story, rings):
    story.furnish(engine)
    return create_app(engine, clock=lambda: story.NOW, ring=lambda: rings.append(1))


@pytest.fixture
def call(app, engine, story):
    """Calls the API with a token of these scopes; without scopes, with no token."""

    def send(method, path, *scopes, name="ann", **sent):
        headers = {}
        if scopes:
            wanted = Wanted(name, frozenset(scopes), timedelta(days=1), made_by="test")
            headers["Authorization"] = f"Bearer {make_token(engine, wanted, story.NOW)[1]}"
        return getattr(app.test_client(), method)(f"/api/v1{path}", headers=headers, **sent)

    return send
