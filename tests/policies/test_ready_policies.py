"""The ready policies: sound, with a case for every answer that they can give, and taken over by name."""

import pytest
from click.testing import CliRunner

from gatehouse.policy.group import policy as command
from gatehouse.policy.ready import LIBRARY, names
from policies.case_file import CaseFile
from policies.cases import run_cases
from policies.load import load_policies, load_policy
from policies.parse import parse_section
from policies.verdicts import Answer

SITUATIONS = {
    "regression", "classification", "ranking", "first-model", "shadow", "regulated", "nightly", "aliases",
    "audit", "slices",
}  # fmt: skip
NEVER_ASKS = {"nightly"}
"""Nobody is awake: no approvals, and what the data cannot say is a no."""


def text(name, file):
    return (LIBRARY / name / f"{file}.yaml").read_text()


def test_there_is_one_for_each_situation_and_they_live_side_by_side():
    assert set(names()) == SITUATIONS
    book = load_policies(LIBRARY)
    assert (book.problems, len(book.policies)) == ((), len(SITUATIONS))


@pytest.mark.parametrize("name", sorted(SITUATIONS))
def test_its_cases_are_answered_as_written_with_every_answer_that_it_can_give(name):
    policy = load_policy(LIBRARY / name / "policy.yaml")
    cases = text(name, "cases")
    assert [result for result in run_cases(policy, cases, file="cases.yaml") if not result.passed] == []
    answers = {case.answer for case in parse_section(CaseFile, cases, file="c").cases}
    assert answers == set(Answer) - ({Answer.ASK} if name in NEVER_ASKS else set())


@pytest.mark.parametrize("name", sorted(SITUATIONS))
def test_each_is_explained_in_the_list_of_them(name):
    row = f"| [`{name}`]({name}/policy.yaml) | "
    assert row in (LIBRARY / "README.md").read_text()
    assert load_policy(LIBRARY / name / "policy.yaml").description


@pytest.mark.parametrize("model", ["bus-fare", '5 Büros: "a" #1', "true"])
@pytest.mark.parametrize("name", sorted(SITUATIONS))
def test_one_is_taken_over_for_a_model_without_asking_a_registry(tmp_path, monkeypatch, name, model):
    monkeypatch.chdir(tmp_path)
    into = tmp_path / "policies" / "definitions" / "mine"
    made = CliRunner().invoke(
        command, ["new", model, "--from", name, "--target", "fare: total", "--into", str(into)]
    )
    assert made.exit_code == 0, made.output
    policy = load_policy(into / "policy.yaml")
    example = load_policy(LIBRARY / name / "policy.yaml")
    assert (policy.name, policy.models) == (model, (model,))
    assert all(data.target == "fare: total" for data in policy.datasets.values())
    assert example.name not in policy.text
    assert not any(example.name.upper().replace("-", "_") in data.uri for data in policy.datasets.values())
    assert policy.transitions == example.transitions
    assert CliRunner().invoke(command, ["test"]).exit_code == 0


def test_the_column_is_asked_for_where_something_is_measured(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(command, ["new", "bus", "--from", "regression"], input="fare\n")
    assert "Which column does it predict" in made.output
    assert "target: fare" in (tmp_path / "policies/definitions/bus/policy.yaml").read_text()
    assert CliRunner().invoke(command, ["new", "tram", "--from", "ranking"]).exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "regresion"], "'regresion' is not one of"),
        (
            ["--from", "regression", "--margin", "2%"],
            "with --from the ready policy says margin and approvals",
        ),
        (
            ["--from", "regression", "--approvals", "2"],
            "with --from the ready policy says margin and approvals",
        ),
    ],
)
def test_a_wrong_call_is_told(tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(command, ["new", "bus", *words])
    assert (made.exit_code, said in made.output) == (2, True), made.output
    assert not (tmp_path / "policies").exists()
