from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from gatehouse.policy.group import policy
from policies.language import Policy
from policies.outline import outline
from policies.parse import parse_policy
from policies.rule import Rule
from tests.policies.made import SMALLEST

PRICED = SMALLEST + "    on_fail: [{notify: '#pricing'}]\n"


@pytest.fixture
def doc(tmp_path):
    def call(text, *args):
        (tmp_path / "policy.yaml").write_text(text)
        return CliRunner().invoke(policy, ["doc", str(tmp_path / "policy.yaml"), *args])

    return call


def test_a_page_tells_every_gate_as_it_is_written_and_what_it_means(doc):
    said = doc(PRICED)
    assert said.exit_code == 0
    assert said.output.startswith("# Policy taxi-fare\n\n**")
    assert "\n\n**models**: `[taxi-fare]`. Names of registered models; \\* stands" in said.output
    gates = said.output.split("## From staging to production\n\n**gates**. ")[1].split("\n**")[0]
    assert gates.splitlines() == [
        "Conditions, all of which must hold.",
        "",
        "1. **rmse**: `metric rmse, max 5.0`. One metric of the candidate on one data set.",
        "2. **mae against champion**: `metric mae, compared_to champion, margin 2%`. Candidate and champion on the same rows of one data set.",
    ]
    assert "1. **#pricing**: `notify #pricing`. Tell people." in said.output
    assert "1. **anyone (1)**: `count 1`." in said.output


def test_what_holds_by_default_is_told_too(doc):
    assert "**first_version**: `ask (by default)`. A first version has no champion" in doc(SMALLEST).output


def test_every_key_that_is_written_is_in_the_outline_with_its_description():
    told = outline(parse_policy(PRICED, file="f"))
    keys = {field.alias or name for kind in (Policy, Rule) for name, field in kind.model_fields.items()}
    parts = [*told.parts, *told.chapters[0].parts]
    assert {part.key for part in parts} <= keys
    assert {"models", "gates", "approvals", "on_pass", "on_fail"} <= {part.key for part in parts}
    assert all(part.means for part in parts)
    assert all(point.means for part in parts for point in part.points)


class Page(HTMLParser):
    """What a browser would fetch from elsewhere or run, and the text it would show."""

    def __init__(self, html):
        super().__init__()
        self.outside, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        names = {"src", "href"} & dict(attrs).keys()
        self.outside += [tag] if names or tag in {"script", "img", "link"} else []

    def handle_data(self, data):
        self.text += data


def test_a_page_for_a_browser_needs_nothing_else_and_runs_nothing(doc):
    evil = "<script>alert('{{ 7 * 7 }}')</script>"
    said = doc(PRICED + f'description: "{evil}"\n', "--html")
    page = Page(said.output)
    assert (said.exit_code, page.outside) == (0, [])
    assert evil in page.text
    assert said.output.startswith("<!doctype html>")


def test_an_authors_words_are_not_taken_for_mark_up(doc):
    said = doc(PRICED + 'description: "a *b* `c` [d](e) <i>"\n')
    assert "a \\*b\\* \\`c\\` \\[d\\](e) \\<i\\>" in said.output


def test_a_folder_with_one_policy_will_do(doc, tmp_path):
    whole = doc(SMALLEST).output
    assert CliRunner().invoke(policy, ["doc", str(tmp_path)]).output == whole
    (tmp_path / "other.yaml").write_text(SMALLEST.replace("taxi-fare", "bus"))
    said = CliRunner().invoke(policy, ["doc", str(tmp_path)])
    assert (said.exit_code, "holds 2 policies; name the file of one" in said.output) == (2, True)


def test_a_file_that_cannot_be_read_is_told_with_its_place(doc):
    said = doc(SMALLEST + "modle: x\n")
    assert (said.exit_code, ":10:1: unknown key 'modle'" in said.output) == (1, True)
