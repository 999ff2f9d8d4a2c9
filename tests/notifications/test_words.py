"""Templates: a team's own, tried at the start, and never in the way of a judgement."""

import logging
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.holds import Hold
from notifications.announce import render_hold, render_override, render_voided
from notifications.message import MessageKind
from notifications.render import render_problem
from notifications.samples import SAMPLES
from notifications.words import SHIPPED, SHIPPED_IN, TemplatesInvalid, Words, read_words
from policies.verdicts import Approval

DOCS = Path(__file__).parents[2] / "docs/notifications.md"
ROW = re.compile(r"^\| (`\w+\.txt`.*?) \| .+? \| (.+) \|$", re.MULTILINE)


def documented():
    """By template, the fields that the docs give it."""
    found, before = {}, set()
    for templates, knows in ROW.findall(DOCS.read_text("utf-8")):
        own = set(re.findall(r"`(\w+)`(?=[,: (]|$)", re.sub(r": `\w+` or `\w+`", "", knows)))
        fields = own | before if knows.startswith("the same") else own
        before = before or fields
        found |= dict.fromkeys(re.findall(r"`(\w+)\.txt`", templates), fields)
    return found


NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    def write(**texts):
        for kind, text in texts.items():
            (tmp_path / f"{kind}.txt").write_text(text)
        return tmp_path

    return write


def problem(words, sentence="the data is gone"):
    return render_problem("fare", 3, sentence, console_url="http://gate", channel="owners", words=words)


def test_a_teams_words_stand_before_the_shipped_ones(folder):
    words = read_words(folder(problem="Hilfe: {{ model }}\nBitte nachsehen: {{ sentence }}\n"))
    told = problem(words)
    assert (told.title, told.text) == ("Hilfe: fare", "Bitte nachsehen: the data is gone")
    assert told.key == problem(SHIPPED).key
    assert words.word("unguarded", model="fare", version=1) == SHIPPED.word(
        "unguarded", model="fare", version=1
    )


def test_without_a_folder_they_are_the_shipped_ones():
    assert read_words(None) is SHIPPED


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_shipped_template_is_sound_and_can_be_copied_and_changed(folder, kind):
    words = read_words(folder(**{kind: (SHIPPED_IN / f"{kind}.txt").read_text()}))
    for facts in SAMPLES[kind]:
        assert words.word(kind, **facts) == SHIPPED.word(kind, **facts)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("problem", "fine\n{% if %}", "problem.txt:2: Expected an expression"),
        ("problem", "fine\n\n{{ sentense }}", "problem.txt:3: 'sentense' is undefined"),
        ("asked", "{{ model }}\n{{ champion.version }}", "asked.txt:2:"),
        ("asked", "{{ model }}\n{% if champion %}\n{{ champions }}\n{% endif %}", "asked.txt:3: 'champions' is undefined"),
        ("problem", "{% if not version %}x{% endif %}\n", "problem.txt:1: the first line is the title"),
        ("problem", "x\n{{ ''.__class__.__mro__ }}", "problem.txt:2: access to attribute '__class__'"),
        ("problem", "x\n{% include 'other.txt' %}", "problem.txt:2: other.txt"),
        ("problem", "x\n{{ range(10 ** 9) | list }}", "problem.txt:2: Range too big"),
        ("problem", "x\n{{ 1 / 0 }}", "problem.txt:2: division by zero"),
        ("promised", "x", "promised.txt:1: no message is worded by this file, did you mean 'promoted.txt'?"),
        ("problem", "x" * 70_000, "problem.txt:1: a template has at most 64000 bytes"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(folder, name, text, said):
    with pytest.raises(TemplatesInvalid) as raised:
        read_words(folder(**{name: text}))
    assert said in str(raised.value)


def test_all_mistakes_are_named_at_once(folder):
    where = folder(problem="{% if %}", asked="{{ x }}")
    (where / "held.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(TemplatesInvalid) as raised:
        read_words(where)
    assert [line.partition(":")[0].rsplit("/")[-1] for line in str(raised.value).splitlines()] == [
        "asked.txt", "held.txt", "problem.txt",
    ]  # fmt: skip


def test_a_folder_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(TemplatesInvalid, match="there is no such folder"):
        read_words(tmp_path / "nowhere")


def test_a_template_that_fails_later_is_told_and_the_shipped_one_is_used(caplog):
    words = Words({"problem": "x\n{{ 1 / (sentence | length - 3) }}"})
    with caplog.at_level(logging.ERROR):
        assert problem(words, "one").text == "one"
    assert "problem.txt:2: division by zero; the shipped words are used" in caplog.text


def test_the_docs_list_every_template_with_all_that_it_knows():
    assert documented() == {kind: {*facts[0]} for kind, facts in SAMPLES.items()}
    assert {path.stem for path in SHIPPED_IN.iterdir()} == SAMPLES.keys()
    for samples in SAMPLES.values():
        assert len({frozenset(facts) for facts in samples}) == 1


def approval(name):
    return Approval(reviewer=name, vote="approve", evidence_digest="e", policy_digest="p", at=NOW)


def held(words, verb="hold", model="fare"):
    hold = Hold(7, model, verb, "ada", "terminal", "", "fares of 0", NOW)
    return render_hold(hold, console_url="http://g", channel="owners", words=words)


def voided(words):
    given = [approval("ada"), approval("grace")]
    return render_voided(
        "fare", 3, given, ["the champion is 2 now"], console_url="http://g", channel="r", words=words
    )


def override(words):
    said = approval("ada").model_copy(update={"vote": "promote", "comment": "fares of 0"})
    return render_override(
        "fare", 3, 9, (said, ["by ada: fares of 0"]), console_url="http://g", channel="r", words=words
    )


@pytest.mark.parametrize(
    ("kind", "template", "tell", "said"),
    [
        ("hold", "{{ verb }} {{ model }}\n{{ by }}: {{ reason }}", held, ("hold fare", "ada: fares of 0")),
        ("voided", "void\n{{ reviewers | join(' and ') }}: {{ changed[0] }}", voided, ("void", "ada and grace: the champion is 2 now")),
        ("override", "{{ by }}!\n{{ reason }} / {{ said[0] }}", override, ("ada!", "fares of 0 / by ada: fares of 0")),
    ],
)  # fmt: skip
def test_a_team_words_what_people_did_as_well(folder, kind, template, tell, said):
    told = tell(read_words(folder(**{kind: template})))
    assert (told.title, told.text) == said
    assert told.key == tell(SHIPPED).key, "the fact is the same, whatever its words"


def test_what_people_did_is_told_in_plain_words():
    assert held(SHIPPED).title == "fare held by ada"
    assert held(SHIPPED).text.startswith(
        "fares of 0\nNothing is moved until somebody resumes: gatehouse resume fare"
    )
    assert held(SHIPPED, "resume", None).title == "all models resumed by ada"
    assert held(SHIPPED, "resume", None).text == "fares of 0\nWhat waited is looked at now."
    assert voided(SHIPPED).title == "Approvals of fare 3 can no longer count"
    assert voided(SHIPPED).text.startswith(
        "ada, grace approved what is no longer so: the champion is 2 now. "
    )
    assert (override(SHIPPED).title, override(SHIPPED).text) == (
        "ada promotes fare 3 over the gate's head",
        "by ada: fares of 0",
    )


@given(st.text(min_size=1), st.text())
def test_a_name_or_sentence_is_never_read_as_a_template_and_never_ends_the_title(model, sentence):
    told = render_problem(model + "{{ 7 * 7 }}", None, sentence, console_url="http://g", channel="o")
    assert "{{ 7 * 7 }} needs attention" in told.title
    assert told.kind is MessageKind.PROBLEM
