"""The console behind a real OpenID provider, which a test may bend."""

from datetime import UTC, datetime

import pytest

from console.app import create_app
from console.settings import ConsoleSettings
from console.signin.groups import Reviewers
from tests.console.provider import CLIENT, SECRET, Provider


class Clock:
    """Authlib reads the wall clock, so ours starts there."""

    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def provider(monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    provider = Provider()
    yield provider
    provider.stop()


@pytest.fixture
def settings(provider, tmp_path):
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    return ConsoleSettings(
        oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret_file=tmp_path / "secret",
        oidc_operators="mlops, sre", oidc_admins="platform", policies=tmp_path,
    )  # fmt: skip


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def app(engine, settings, clock):
    app = create_app(engine, settings, clock=clock)
    app.config["REVIEWERS"] = lambda: Reviewers({}, frozenset({"pricing"}))
    return app


@pytest.fixture
def client(app):
    return app.test_client()
