"""A person with a real browser signs in by a link: under the pages' own security policy, script and all."""

import threading
from datetime import UTC, datetime

import pytest
from werkzeug.serving import make_server

from console.app import create_app
from console.roles import Role
from console.signin.entering import make_link
from ledger.signin_links import Link
from tests.console.browsers import IN_A_BROWSER, running

pytestmark = IN_A_BROWSER


@pytest.fixture
def console(engine):
    server = make_server("127.0.0.1", 0, create_app(engine), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_link_is_opened_clicked_and_forgotten(console, engine, scripts):
    url = make_link(engine, Link("grace", Role.VIEWER), console_url=console, now=datetime.now(UTC))
    with running() as browser:
        page = browser.new_context(java_script_enabled=scripts).new_page()
        troubles, asked = [], []
        page.on("console", lambda said: troubles.append(said.text))
        page.on(
            "request", lambda request: asked.append(f"{request.url} {request.headers.get('referer', '')}")
        )
        page.goto(url)
        if not scripts:
            page.get_by_label("code of your one-time link").fill(url.partition("#")[2])
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        assert page.get_by_text("grace", exact=True).is_visible()
        if scripts:
            assert page.evaluate("document.cookie") == ""
            page.go_back()
            assert "#" not in page.url
        assert troubles == []
        assert not [each for each in asked if url.partition("#")[2] in each]
