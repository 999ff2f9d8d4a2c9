"""The committed JSON Schemas are those of the types, take every good file and refuse bad ones."""

import json
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from pydantic import Field

from gatehouse.policy.group import policy
from gatehouse.policy.schema import FILES
from notifications.channel_file import ChannelFile
from policies.gates.registered import GATES
from policies.gates.tags import RequiredTags
from policies.language import Policy
from policies.load import is_companion, policy_files
from policies.schema import schema_of
from policies.source import read_source
from policies.steps import STEPS
from tests.gatehouse.test_documentation import blocks
from tests.policies.made import SMALLEST

ROOT = Path(__file__).parents[2]
SHIPPED = [ROOT / "policies" / "definitions", ROOT / "policies" / "library"]
SCHEMAS = {name: ROOT / "docs" / "schemas" / f"{name}.json" for name in FILES}
IN_GATE = "policy: p\nmodels: [m]\ntransitions:\n  - from: staging\n    to: production\n    gates: [{}]\n"


def complaints(kind, text):
    data = read_source(text, "f").root.value
    return [error.message for error in Draft202012Validator(schema_of(kind)).iter_errors(data)]


@pytest.mark.parametrize("name", FILES)
def test_the_committed_schema_is_that_of_the_types(name):
    printed = CliRunner().invoke(policy, ["schema", name]).output
    same = f"gatehouse policy schema {name} > {SCHEMAS[name].relative_to(ROOT)}"
    assert SCHEMAS[name].read_text() == printed, f"the language has changed; run: {same}"
    Draft202012Validator.check_schema(json.loads(printed))


@pytest.mark.parametrize(
    "path", [path for folder in SHIPPED for path in policy_files(folder)], ids=lambda path: path.parent.name
)
def test_every_ready_policy_fits(path):
    assert not complaints(Policy, path.read_bytes())


@pytest.mark.parametrize(
    "path",
    [path for folder in SHIPPED for path in folder.rglob("*.yaml") if is_companion(path)],
    ids=lambda path: path.parent.name,
)
def test_every_companion_of_the_ready_policies_fits(path):
    kind = FILES["reviewers" if path.stem == "reviewers" else "cases"]
    assert not complaints(kind, path.read_bytes())


@pytest.mark.parametrize("text", blocks("yaml"))
def test_every_yaml_of_the_docs_fits_one_of_the_schemas(text):
    assert any(not complaints(kind, text) for kind in (*FILES.values(), ChannelFile))


@pytest.mark.parametrize("kind", [*GATES, *STEPS], ids=lambda kind: ", ".join(kind.marks))
def test_every_kind_is_in_the_schema_with_its_example_and_a_description_of_each_key(kind):
    found = schema_of(Policy)["$defs"][kind.__name__]
    example = read_source(kind.example, "f").root.value
    assert (found["title"], found["examples"]) == (", ".join(kind.marks), [example])
    assert set(kind.marks) <= set(found["required"])
    assert all(key.get("description") for key in found["properties"].values())


@pytest.mark.parametrize(
    "short",
    ["approvals: 1", "approvals: 0", "approvals: [{from: [a]}]", "approvals: []", "to: Production"],
)
def test_short_and_long_forms_fit(short):
    base = SMALLEST.replace("    approvals: 1\n", "").replace("    to: production\n", "")
    rest = "" if short.startswith("to:") else "    to: production\n"
    assert not complaints(Policy, f"{base}    {short}\n{rest}")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SMALLEST + "modle: x", id="unknown key"),
        pytest.param(SMALLEST + "mode: enforced", id="unknown choice"),
        pytest.param(SMALLEST.replace("models: [taxi-fare]\n", ""), id="missing key"),
        pytest.param(SMALLEST.replace("[taxi-fare]", "taxi-fare"), id="no list"),
        pytest.param(SMALLEST.replace("staging", "stagin"), id="stage"),
        pytest.param(SMALLEST.replace("approvals: 1", "approvals: some"), id="approvals in words"),
        pytest.param(SMALLEST.replace("approvals: 1", "approvals: -1"), id="negative approvals"),
        pytest.param(IN_GATE.format("{metrik: rmse, max: 5}"), id="unknown gate"),
        pytest.param(IN_GATE.format("{metric: rsme, max: 5}"), id="unknown metric"),
        pytest.param(IN_GATE.format("{metric: rmse, max: five}"), id="limit in words"),
        pytest.param(IN_GATE.format("{metric: mae, compared_to: champion}"), id="no margin"),
        pytest.param(IN_GATE.format("{metric: mae, compared_to: champion, margin: 5}"), id="no percent"),
        pytest.param(IN_GATE.format("{metric: mae, compared_to: champion, margin: '5'}"), id="5 in quotes"),
        pytest.param(IN_GATE.format("{tags: []}"), id="no tags"),
        pytest.param(IN_GATE.format("{}"), id="empty gate"),
        pytest.param(IN_GATE.format("rmse"), id="gate as text"),
    ],
)
def test_a_bad_file_does_not_fit(text):
    assert complaints(Policy, text)


def test_a_case_with_an_unknown_answer_does_not_fit():
    assert complaints(FILES["cases"], "cases: [{case: a, from: none, answer: perhaps}]")


def test_the_comment_that_names_the_schema_for_an_editor_is_tolerated(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_text("# yaml-language-server: $schema=policy.schema.json\n" + SMALLEST)
    assert CliRunner().invoke(policy, ["check", str(path)]).exit_code == 0


def empty_parts(schema, at=()):
    """Where a schema says nothing at all of what may stand there."""
    if isinstance(schema, dict):
        places = [*schema.get("properties", {}).items(), ("items", schema.get("items", True))]
        yield from (
            (*at, name) for name, inner in places if not (inner is True or set(inner) - {"description"})
        )
    inner = (
        schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    )
    for name, each in inner:
        yield from empty_parts(each, (*at, name))


@pytest.mark.parametrize("name", FILES)
def test_of_every_key_the_schema_says_something(name):
    hint = "give its validator a json_schema_input_type"
    assert list(empty_parts(schema_of(FILES[name]))) == [], hint


def test_a_gate_that_is_installed_later_is_in_the_schema_too(monkeypatch):
    class Smells(RequiredTags):
        """The model smells good."""

        marks: ClassVar[tuple[str, ...]] = ("smells",)
        example: ClassVar[str] = "{smells: good, tags: [a]}"

        smells: Literal["good"] = Field(description="How it smells.")

    monkeypatch.setattr("policies.gates.registered.GATES", (*GATES, Smells))
    assert schema_of(Policy)["$defs"]["Smells"]["description"] == "The model smells good."
    assert not complaints(Policy, IN_GATE.format("{smells: good, tags: [a]}"))
    assert complaints(Policy, IN_GATE.format("{smells: bad, tags: [a]}"))
