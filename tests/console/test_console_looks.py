"""Every page as people see it: by day and night, at a desk and on a phone, by keyboard and screen reader."""

import re
import shutil
import threading

import pytest
from werkzeug.serving import make_server

from console.app import create_app
from console.roles import Role
from console.settings import ConsoleSettings
from console.signin.entering import make_link
from ledger.engine import open_ledger, writing
from ledger.signin_links import Link
from registry.words import Stage
from tests.console import rich
from tests.console.browsers import IN_A_BROWSER, SCHEMES, WIDTHS, picture, running
from tests.validation.reports import made

pytestmark = IN_A_BROWSER
LONG = "<b>a/b</b> " + "n" * 245
PAGES = {
    "overview": "/",
    "overview-open": "/",
    "overview-none": "/?q=nothing-like-that",
    "model": "/models/taxi-fare",
    "model-empty": "/models/tips",
    "model-long": "/models/%253Cb%253Ea%252Fb%253C%252Fb%253E%2520" + "n" * 245,
    "candidate": "/models/taxi-fare/12",
    "candidate-open": "/models/taxi-fare/12",
    "candidate-plain": "/models/tips/1",
    "policies": "/policies",
    "policy": "/policies/taxi-fare",
    "deliveries": "/deliveries",
    "audit": "/audit",
    "channel": "/channel",
    "missing": "/models/none",
    "signin": "/signin",
}
WAITING = re.compile(r"EventSource|/changes")


@pytest.fixture(scope="module")
def browser():
    with running() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(tmp_path_factory, migrated_file):
    """The console over a rich ledger on a real server, and a link that signs somebody in as anything."""
    folder = tmp_path_factory.mktemp("looks")
    shutil.copy(migrated_file, folder / "ledger.db")
    (folder / "policies").mkdir()
    (folder / "policies" / "taxi-fare.yaml").write_text(made.FARES)
    (folder / "policies" / "reviewers.yaml").write_text("groups: {pricing: [grace], risk: [linus]}\n")
    engine = open_ledger(f"sqlite:///{folder / 'ledger.db'}")
    rich.furnish(engine)
    with writing(engine) as session:
        rich.see(session, LONG, 1, Stage.STAGING)
    settings = ConsoleSettings(policies=folder / "policies", mlflow_url="http://mlflow.test")
    app = create_app(engine, settings, clock=lambda: rich.NOW)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield (
        f"http://127.0.0.1:{server.server_port}",
        lambda name, role: make_link(engine, Link(name, role), console_url="", now=rich.NOW),
    )
    server.shutdown()
    thread.join()
    server.server_close()
    engine.dispose()


@pytest.fixture(scope="module")
def signed_in(browser, site):
    """The cookies of somebody who may do everything that a page has a button for."""
    address, link = site
    context = browser.new_context()
    page = context.new_page()
    page.goto(address + link("grace", Role.OPERATOR))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Models").wait_for()
    state = context.storage_state()
    context.close()
    return state


def opened(browser, address, state, **options):
    context = browser.new_context(storage_state=state, **options)
    page = context.new_page()
    page.troubles = []
    page.on("console", lambda said: page.troubles.append(said.text))
    page.on("dialog", lambda dialog: page.troubles.append(dialog.message))
    page.goto(address)
    return page


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_at_any_width_by_day_and_night_and_by_whoever_cannot_see(
    browser, site, signed_in, name, width
):
    from axe_playwright_python.sync_playwright import Axe

    state = None if name == "signin" else signed_in
    page = opened(browser, site[0] + PAGES[name], state, viewport={"width": width, "height": 900})
    if name.endswith("-open"):
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    found, wide = {}, {}
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found[scheme] = Axe().run(page)
        wide[scheme] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        picture(page, f"{name}-{scheme}-{width}")
    troubles = [one for one in page.troubles if "404 (NOT FOUND)" not in one or name != "missing"]
    page.context.close()
    for scheme in SCHEMES:
        assert found[scheme].violations_count == 0, (scheme, found[scheme].generate_report())
        assert wide[scheme] <= 0
    assert troubles == []


def test_the_whole_overview_is_reached_by_keyboard(browser, site, signed_in):
    page = opened(browser, site[0], signed_in)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.textContent.trim()"))
    outlined = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.context.close()
    assert {"taxi-fare", "v12", "v4", "demand-forecast", "Search"} <= seen
    assert outlined == "solid"


@pytest.mark.parametrize(
    "name", ["overview", "model", "candidate", "policy", "deliveries", "audit", "channel"]
)
def test_every_page_can_be_read_without_scripts(browser, site, signed_in, name):
    page = opened(browser, site[0] + PAGES[name], signed_in, java_script_enabled=False)
    text = page.locator("main").inner_text()
    page.context.close()
    assert "taxi-fare" in text


def test_the_plots_of_the_report_are_drawn_in_the_candidates_page(browser, site, signed_in):
    page = opened(browser, site[0] + PAGES["candidate"], signed_in)
    pictures_there = page.locator(".plots img")
    assert pictures_there.count() >= 6
    for at in range(pictures_there.count()):
        pictures_there.nth(at).scroll_into_view_if_needed()
    page.wait_for_function(
        "[...document.querySelectorAll('.plots img')].every(i => i.complete && i.naturalWidth > 50)"
    )
    page.context.close()
