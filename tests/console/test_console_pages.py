"""Every page over a ledger with a story, over an empty one, and over one that is away."""

import re
from html import escape, unescape

import pytest

from ledger import reports
from ledger.engine import writing
from ledger.inbox import record_event
from ledger.tables import MessageRow
from ledger.work import claim, postpone, ring
from notifications.message import Message, MessageKind, page_of
from policies.verdicts import Answer, Decision
from registry.events import EventKind, RegistryEvent
from registry.words import Stage

NAMES = [
    pytest.param("taxi-fare", id="usual"),
    pytest.param("<script>alert(1)</script>", id="html"),
    pytest.param("a/b/3", id="slashes"),
    pytest.param("..", id="dots"),
    pytest.param("100% %2F ?#&", id="reserved characters"),
    pytest.param("🚕 fahrpreis-ü", id="emoji"),
    pytest.param("'\"{{7*7}}", id="quotes and template"),
    pytest.param("-rf", id="like an option"),
    pytest.param("n" * 3_000, id="longer than a registry takes"),
    pytest.param("مدينة 🚕 נהג", id="right to left"),
]
WAITING = Decision(answer=Answer.ASK, reasons=("1 more approval is needed",), missing_approvals=1)


def text_of(client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def links_of(page: str) -> set[str]:
    return set(re.findall(r'<a [^>]*href="(/[^"]*)"', page))


@pytest.mark.parametrize("name", NAMES)
def test_every_page_shows_any_name_and_its_links_lead_somewhere(client, engine, story, name):
    story.furnish(engine, name)
    version_page = page_of("", name, 3)
    named = ["/", "/channel", "/audit", page_of("", name), version_page]
    texts = {page: text_of(client, page) for page in [*named, "/deliveries", "/policies"]}
    assert {page for page in named if name not in unescape(texts[page])} == set()
    assert not any("<script>" in text or "'\"49" in unescape(text) for text in texts.values())
    links = {unescape(link) for text in texts.values() for link in links_of(text)}
    assert version_page in links
    assert {link for link in links if client.get(link).status_code != 200} == set()


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") :])))


def test_the_overview_says_what_is_where_and_what_waits_for_whom_since_when(client, engine, story):
    story.furnish(engine)
    row = words_of(text_of(client, "/")).partition("Last decision")[2]
    assert row.startswith(" taxi-fare v1 ")
    assert "v3 waits for pricing (1) 12 minutes ago" in row
    assert "ask v3 1 more approval is needed 12 minutes ago" in row


def test_a_decision_waits_only_while_the_version_stands_where_it_was_taken(client, engine, story):
    with writing(engine) as session:
        story.see(session, "m", 3, Stage.ARCHIVED)
        story.judge(session, "m", 3, WAITING, at=story.NOW)
    assert "waits for a reviewer" not in text_of(client, "/")
    assert "gatehouse approve m 3" not in text_of(client, "/models/m/3")


def test_two_versions_in_production_are_pointed_out(client, engine, story):
    with writing(engine) as session:
        story.see(session, "m", 1, Stage.PRODUCTION)
        story.see(session, "m", 2, Stage.PRODUCTION)
    assert "More than one version is in Production" in text_of(client, "/?show=trouble")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/", ["asked", "held", "live", "new"]),
        ("/?show=asked", ["asked"]),
        ("/?show=held", ["held"]),
        ("/?show=live", ["live"]),
        ("/?show=none-live", ["asked", "held", "new"]),
        ("/?show=trouble", []),
        ("/?show=nonsense", ["asked", "held", "live", "new"]),
        ("/?q=PRICING", ["asked"]),
        ("/?q=e", ["asked", "held", "live", "new"]),
        ("/?q=ld&show=held", ["held"]),
        ("/?q=ld&show=live", []),
        ("/?q=%25", []),
        ("/?page=99", ["asked", "held", "live", "new"]),
    ],
)
def test_the_overview_is_filtered_and_searched_and_what_waits_comes_first(
    client, engine, story, address, shown
):
    with writing(engine) as session:
        for name, answer in [("asked", Answer.ASK), ("held", Answer.HOLD)]:
            story.see(session, name, 1, Stage.STAGING)
            decision = Decision(answer=answer, reasons=("why",), asked=("pricing (1)",) * (name == "asked"))
            story.judge(session, name, 1, decision, at=story.NOW)
        story.see(session, "live", 1, Stage.PRODUCTION)
        story.see(session, "new", 1, Stage.NONE)
    page = text_of(client, address)
    assert re.findall(r'data-label="Model"><a href="[^"]*">(\w+)<', page) == shown
    assert ("No model is like that" in page) == (not shown)


def test_a_hundred_models_are_shown_a_page_at_a_time(client, engine, story):
    with writing(engine) as session:
        for number in range(101):
            story.see(session, f"m{number:03}", 1, Stage.NONE)
    seen, path = [], "/"
    while path:
        page = text_of(client, path)
        seen += re.findall(r'data-label="Model"><a href="[^"]*">(\w+)<', page)
        onward = re.search(r'rel="next" href="([^"]*)"', page)
        path = onward and unescape(onward[1])
    assert seen == [f"m{number:03}" for number in range(101)]


def test_the_newest_decision_of_a_version_is_the_one_in_force(client, engine, story):
    with writing(engine) as session:
        story.see(session, "m", 3, Stage.STAGING)
        story.judge(session, "m", 3, WAITING, at=story.before(hours=2))
        held = Decision(answer=Answer.HOLD, reasons=("the hold-out is missing",))
        story.judge(session, "m", 3, held, at=story.before(hours=1))
    page = text_of(client, "/")
    assert "is held: the hold-out is missing" in page
    assert "waits for a reviewer" not in page


def test_the_candidates_page_has_gates_approvals_facts_and_the_whole_story(client, engine, story):
    story.furnish(engine)
    page = text_of(client, "/models/taxi-fare/3")
    for verdict in story.VERDICTS:
        assert escape(verdict.sentence, quote=False).replace("'", "&#39;") in page
    for said in [
        "Champion v1",
        "4.201",
        "10,377",
        "warns only",
        "looks right",
        "gatehouse approve taxi-fare 3",
    ]:
        assert said in page
    assert page.count("given for other evidence") == 1
    timeline = page[page.index('id="timeline"') :]
    kinds = re.findall(r'<p class="byline"><b>(\w+)</b>', timeline)
    assert kinds[::-1] == [
        "event",
        *["verdict"] * len(story.VERDICTS),
        "decision",
        *["message"] * 2,
        *["approval"] * 2,
    ]


def test_times_are_human_with_the_exact_one_beside(client, engine, story):
    story.furnish(engine)
    exact = '<time datetime="2026-11-23T11:48:00+00:00" data-ago title="2026-11-23 11:48:00 UTC">12 minutes ago</time>'
    assert exact in text_of(client, "/models/taxi-fare/3")


def test_work_under_way_and_its_trouble_are_shown(client, engine, story):
    with writing(engine) as session:
        story.see(session, "m", 1, Stage.NONE)
        ring(session, "m", 1, story.NOW)
    assert "It is looked at" in text_of(client, "/models/m/1")
    with writing(engine) as session:
        claimed = claim(session, story.NOW)
    assert "It is being looked at now." in text_of(client, "/models/m/1")
    with writing(engine) as session:
        postpone(session, claimed, story.NOW, "MLflow is away")
    assert "the last try ended with: MLflow is away." in text_of(client, "/models/m/1")


def test_a_model_known_only_by_events_has_its_timeline(client, engine, story):
    event = RegistryEvent(kind=EventKind.MODEL_CREATED, model="m")
    with writing(engine) as session:
        record_event(session, event, origin="webhook", now=story.NOW)
    page = text_of(client, "/models/m")
    assert "No version has been seen." in page
    assert "model created" in page


def test_the_channel_shows_where_a_message_did_not_arrive(client, engine, story):
    message = Message(key="k", channel="#x", kind=MessageKind.PROBLEM, title="t", text="x", model="m")
    with writing(engine) as session:
        story.tell(session, message, at=story.NOW)
        row = session.query(MessageRow).filter_by(via="slack").one()
        row.state, row.problem = "failed", "Slack answered 404: no_service"
    page = text_of(client, "/channel")
    assert page.count('<li class="message">') == 1
    assert "slack: not delivered" in page
    assert "slack: Slack answered 404: no_service" in page
    assert "log:" not in page


def test_older_messages_are_reached_page_by_page(client, engine, story):
    with writing(engine) as session:
        for i in range(120):
            message = Message(
                key=f"k{i}",
                channel="#x",
                kind=MessageKind.HELD,
                title=f"<{i}>",
                text="x",
                model="m",
                version=1,
            )
            story.tell(session, message, at=story.NOW)
    seen, path = [], "/channel"
    while path:
        page = text_of(client, path)
        seen += [int(i) for i in re.findall(r"&lt;(\d+)&gt;", page)]
        older = re.search(r'href="([^"]*)" rel="next"', page)
        path = older and older[1]
    assert seen == list(range(119, -1, -1))


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/", "No model has been seen yet"),
        ("/channel", "Nobody has been told anything yet"),
        ("/channel?before=1", "There are no older messages"),
        (f"/channel?before={10**30}", "Nobody has been told anything yet"),
        ("/channel?before=x", "Nobody has been told anything yet"),
    ],
)
def test_empty_pages_say_so(client, path, says):
    assert says in text_of(client, path)


def test_a_version_that_was_not_judged_says_how_to_judge_it(client, engine, story):
    story.furnish(engine)
    page = text_of(client, "/models/taxi-fare/4")
    assert "Not judged yet" in page
    assert "gatehouse validate taxi-fare 4" in page


def reported(session, story, page="<h1>The report</h1>"):
    """A decision on version 3 of m whose report is made; what the ledger knows it by."""
    story.see(session, "m", 3, Stage.STAGING)
    reports.want(session, story.judge(session, "m", 3, WAITING, at=story.NOW), story.NOW)
    wanted = reports.claim(session, story.NOW)
    reports.keep_page(session, wanted, page, None)
    return wanted


def test_the_candidates_page_leads_to_its_report_which_may_run_nothing(client, engine, story):
    with writing(engine) as session:
        reports.mark_logged(session, reported(session, story))
    assert 'href="/models/m/3/report"' in text_of(client, "/models/m/3")
    answer = client.get("/models/m/3/report")
    assert answer.get_data(as_text=True) == "<h1>The report</h1>"
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "sandbox", "frame-ancestors 'none'"} <= set(policy)
    assert not any("script" in part for part in policy)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_report_that_the_run_does_not_have_says_why(client, engine, story):
    with writing(engine) as session:
        reports.mark_refused(session, reported(session, story), "the run <r> is deleted")
    page = text_of(client, "/models/m/3")
    assert "The run does not have it: the run &lt;r&gt; is deleted" in page
    assert 'href="/models/m/3/report"' in page


def test_without_a_report_there_is_no_link_and_a_sentence(client, engine, story):
    with writing(engine) as session:
        story.see(session, "m", 3, Stage.STAGING)
        judged = story.judge(session, "m", 3, WAITING, at=story.NOW)
    assert "/report" not in text_of(client, "/models/m/3")
    assert "There is no report yet of version 3" in text_of(client, "/models/m/3/report", 404)
    assert "There is no report yet" in text_of(client, "/models/never/1/report", 404)
    with writing(engine) as session:
        reports.want(session, judged, story.NOW)
    assert "Its report is being made" in text_of(client, "/models/m/3")
