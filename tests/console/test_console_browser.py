"""A person with a real browser: drawn under the pages' own security policy, every step a click."""

import pytest

from ledger import reports
from ledger.engine import writing
from policies.verdicts import Answer, Decision
from registry.words import Stage
from tests.console.browsers import IN_A_BROWSER, WIDTHS, running
from tests.validation.reports import made
from validation.reports.drawn import draw
from validation.reports.page import page as page_of_report

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def browser():
    with running() as browser:
        yield browser


@pytest.mark.parametrize("width", WIDTHS)
def test_a_reviewer_clicks_from_the_overview_to_the_candidate(browser, served, engine, story, width):
    story.furnish(engine)
    story.furnish(engine, "<b>a/b</b> " + "n" * 100)
    page = browser.new_page(viewport={"width": width, "height": 800})
    troubles: list[str] = []
    page.on("console", lambda said: troubles.append(said.text))
    # Whoever leaves a page ends its stream of changes.
    failed = lambda request: "/changes" in request.url or troubles.append(request.url)  # noqa: E731 a listener
    page.on("requestfailed", failed)
    page.goto(served)
    assert page.locator("body").evaluate("e => getComputedStyle(e).marginTop") == "0px"
    for click, heading in [
        ("taxi-fare", "taxi-fare"),
        ("v3", "taxi-fare v3 Staging"),
        ("Channel", "Channel"),
    ]:
        page.get_by_role("link", name=click, exact=True).first.click()
        assert page.get_by_role("heading", level=1).first.inner_text() == heading
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="<b>a/b</b> " + "n" * 100 + " 3 waits").click()
    assert page.get_by_text("gatehouse approve '<b>a/b</b>").is_visible()
    page.close()
    assert troubles == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_by_day_and_by_night(browser, served, engine, story, scheme):
    story.furnish(engine)
    page = browser.new_page(color_scheme=scheme)
    page.goto(f"{served}/models/taxi-fare/3")
    ratios = page.evaluate(CONTRASTS)
    page.close()
    assert len(ratios) > 20
    assert min(ratios) >= 4.5


CONTRASTS = """() => {
  const light = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(n => n / 255)
      .map(n => n <= 0.03928 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2] };
  const ground = e => { const c = getComputedStyle(e).backgroundColor;
    return c === 'rgba(0, 0, 0, 0)' && e.parentElement ? ground(e.parentElement) : c };
  const written = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  return [...document.querySelectorAll('main *')].filter(written)
    .map(e => { const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05) });
}"""


@pytest.fixture(scope="module")
def hostile():
    """A report in which everything that others may name is an attack."""
    found = made.of_hostile()
    return page_of_report(found, draw(found))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("way", ["console", "file"])
def test_a_report_is_read_under_the_strictest_policy_and_from_a_file(
    browser, served, engine, story, hostile, tmp_path, way, width, scheme
):
    address = f"{served}/models/m/3/report"
    if way == "file":
        (tmp_path / "report.html").write_text(hostile, encoding="utf-8")
        address = f"file://{tmp_path}/report.html"
    with writing(engine) as session:
        story.see(session, "m", 3, Stage.STAGING)
        asked = Decision(answer=Answer.ASK, reasons=("1 more approval is needed",))
        reports.want(session, story.judge(session, "m", 3, asked, at=story.NOW), story.NOW)
        reports.keep_page(session, reports.claim(session, story.NOW), hostile, None)
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    troubles: list[str] = []
    page.on("console", lambda said: troubles.append(said.text))
    page.on("dialog", lambda dialog: troubles.append(dialog.message))
    page.on("request", lambda request: troubles.append(request.url))
    page.goto(address)
    assert page.locator("body").evaluate("e => getComputedStyle(e).marginTop") == "0px"
    assert page.locator("h1").inner_text().startswith("</svg><script>alert(1)</script>")
    assert page.locator("figure svg").count() >= 6
    assert page.locator("figure svg").first.bounding_box()["height"] > 100
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ratios = page.evaluate(CONTRASTS)
    page.close()
    assert [
        trouble for trouble in troubles if trouble != address and not trouble.startswith("data:image/")
    ] == []
    assert min(ratios) >= 4.5
