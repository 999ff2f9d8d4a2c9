"""The whole story through the console by clicks: two people, two groups, and an approval that becomes void."""

import threading

import pytest
from werkzeug.serving import make_server

from console.app import create_app
from console.roles import Role
from console.settings import ConsoleSettings
from console.signin.entering import make_link
from ledger.signin_links import Link
from policies.people import Person, Route
from registry.words import Stage
from tests.console.browsers import IN_A_BROWSER, picture, running
from tests.console.gate import GOOD, Gate, break_glass_for
from validation.sandbox import Sandbox
from workers.holding import hold, resume

pytestmark = IN_A_BROWSER
SOON = 180_000


@pytest.fixture
def gate(engine, tmp_path):
    with Sandbox(spares=0) as sandbox:
        yield Gate(engine, tmp_path, sandbox)


@pytest.fixture
def address(engine, gate):
    app = create_app(engine, ConsoleSettings(policies=gate.folder), clock=gate.clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def enter(engine, gate, address):
    """A browser window in which this person has signed in by their one-time link."""
    with running() as browser:

        def window(name):
            page = browser.new_context().new_page()
            page.set_default_timeout(SOON)
            page.goto(make_link(engine, Link(name, Role.VIEWER), console_url=address, now=gate.clock()))
            page.get_by_role("button", name="Sign in").click()
            page.get_by_text(name, exact=True).first.wait_for()
            return page

        yield window


def test_two_people_of_two_groups_promote_a_version_after_one_approval_became_void(gate, address, enter):
    gate.register()
    gate.register(GOOD.model_copy(update={"logged": {"val_rmse": 3.5}}))
    assert gate.stages() == {1: Stage.PRODUCTION, 2: Stage.STAGING}

    ada = enter("ada")
    ada.goto(address)
    assert "v2 waits for pricing (1), risk (1)" in ada.locator(".waiting").inner_text()
    ada.get_by_role("link", name="Waiting for people 1").click()
    ada.get_by_role("link", name="v2", exact=True).first.click()
    linus = enter("linus")
    linus.goto(f"{address}/models/taxi-fare/2")

    ada.get_by_label("Comment").fill("better on every slice")
    ada.get_by_role("button", name="Approve").click()
    ada.get_by_text("Recorded: approve by ada").wait_for()
    linus.get_by_label("Comment").fill("looks right to me")  # he writes while the page changes
    gate.settle()
    ada.get_by_text("Asked: risk (1)").wait_for()
    linus.get_by_text("This page has changed since you began to write").wait_for()

    gate.registry.set_tag("taxi-fare", 2, "owner", "somebody else")
    gate.settle()
    ada.get_by_text("void: given for other evidence").wait_for()
    assert "Asked: pricing (1), risk (1)" in ada.locator(".ruling").inner_text()
    linus.get_by_role("button", name="Approve").click()
    assert "has changed since this was shown to you" in linus.get_by_role("alert").inner_text()
    assert linus.get_by_label("Comment").input_value() == "looks right to me"
    linus.get_by_role("button", name="Approve").click()
    linus.get_by_text("Recorded: approve by linus").wait_for()
    gate.settle()
    assert gate.stages()[2] is Stage.STAGING

    ada.get_by_text("Asked: pricing (1)").wait_for()
    ada.get_by_role("button", name="Approve").click()
    ada.get_by_text("Recorded: approve by ada").wait_for()
    gate.settle()
    for person in (ada, linus):
        person.locator("h1 .stage-production").wait_for()
        assert person.get_by_role("button", name="Approve").count() == 0
    assert gate.stages() == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}

    ada.get_by_role("link", name="taxi-fare", exact=True).first.click()
    assert "v2 promoted" in ada.get_by_role("img", name="What was live when").get_attribute("aria-label")
    linus.get_by_role("link", name="Audit").first.click()
    linus.get_by_label("Kind").select_option("approval")
    linus.get_by_role("button", name="Show").click()
    assert linus.get_by_text("ada: better on every slice").is_visible()
    picture(ada, "story-model")
    picture(linus, "story-audit")


def test_a_named_person_breaks_the_glass_by_clicks_and_everybody_sees_who_and_why(gate, address, enter):
    break_glass_for(gate, "[grace]")
    gate.register()
    gate.register()
    ada = enter("ada")
    ada.goto(f"{address}/models/taxi-fare/2")
    assert ada.get_by_text("Break the glass").count() == 0
    grace = enter("grace")
    grace.goto(f"{address}/models/taxi-fare/2")
    grace.get_by_text("Break the glass").click()
    promote = grace.get_by_role("button", name="Promote taxi-fare 2")
    promote.click()
    assert grace.get_by_label("Reason, told to everybody").evaluate("e => e.validity.valueMissing")
    grace.get_by_label("Reason, told to everybody").fill("fares of 0 since noon")
    picture(grace, "story-glass")
    promote.click()
    grace.get_by_text("grace promotes taxi-fare 2 over the gate's head").wait_for()
    gate.settle()
    for person in (ada, grace):
        person.locator("h1 .stage-production").wait_for()
        person.get_by_text("promoted over the gate's head by grace: fares of 0 since noon").first.wait_for()
        assert person.get_by_text("Break the glass").count() == 0
    assert gate.stages() == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}


def test_an_open_page_shows_what_people_do_as_it_is_done(engine, gate, address, enter):
    gate.register()
    gate.register()
    reader, ada = enter("zoe"), enter("ada")
    for page in (reader, ada):
        page.goto(f"{address}/models/taxi-fare/2")
    ada.get_by_label("Comment").fill("JFK fares look odd")
    ada.get_by_role("button", name="Comment").click()
    reader.get_by_text("JFK fares look odd").first.wait_for()
    oleg = Person(name="oleg", route=Route.TERMINAL)
    for model in ("taxi-fare", None):
        hold(engine, oleg, model, f"incident of {model}", gate.clock())
        reader.get_by_text(f"incident of {model}").first.wait_for()
        resume(engine, oleg, model, "it is over", gate.clock())
        reader.get_by_text("Nothing of it is moved meanwhile").wait_for(state="detached")


def test_a_candidate_deleted_while_its_page_is_open_says_so_by_itself(gate, address, enter):
    gate.register()
    gate.register()
    grace = enter("grace")
    grace.goto(f"{address}/models/taxi-fare/2")
    grace.get_by_role("button", name="Approve").wait_for()
    gate.registry.delete("taxi-fare", 2)
    gate.settle()
    grace.get_by_text("it was deleted. What is on record of it stays").wait_for()
    assert grace.get_by_role("button", name="Approve").count() == 0
