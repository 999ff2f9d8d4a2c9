import json
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from junitparser import JUnitXml

from gatehouse.cli import main
from gatehouse.policy.group import policy
from tests.policies.made import SMALLEST

CASES = """\
cases:
  - case: no champion
    from: staging
    given: {measured: {rmse: 4}}
    answer: ask
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Calls `gatehouse policy` in an empty folder that holds the files given."""
    monkeypatch.chdir(tmp_path)

    def call(*args, **files):
        for name, text in files.items():
            path = (tmp_path / name.replace("__", "/")).with_suffix(".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return CliRunner().invoke(policy, args)

    return call


def test_check_tells_every_problem_and_fails(run):
    said = run("check", "f.yaml", f=SMALLEST.replace("rmse", "rsme") + "modle: x\n")
    assert said.exit_code == 1
    assert said.output.splitlines() == [
        "f.yaml:7:18: no metric 'rsme', did you mean 'rmse'?",
        "f.yaml:10:1: unknown key 'modle', did you mean 'mode'?",
    ]


def test_check_says_what_is_fine(run):
    said = run("check", "f.yaml", f=SMALLEST)
    assert (said.exit_code, said.output) == (0, "1 policy fine: taxi-fare\n")


@pytest.mark.parametrize("named", [("a.yaml", "b.yaml"), (".",)], ids=["files named together", "a folder"])
def test_check_tells_a_conflict_between_files_once(run, named):
    said = run("check", *named, a=SMALLEST, b=SMALLEST.replace("policy: taxi-fare", "policy: x"))
    assert said.exit_code == 1
    assert said.output == "b.yaml:2:10: 'taxi-fare' is claimed by a.yaml:2 too, take it out of one of them\n"


def test_a_file_named_twice_does_not_conflict_with_itself(run):
    assert run("check", "a.yaml", "a.yaml", ".", a=SMALLEST).exit_code == 0


def test_check_in_json(run):
    said = run("check", "--json", "f.yaml", f=SMALLEST + "modle: x\n")
    assert json.loads(said.output) == {
        "ok": False,
        "policies": [],
        "problems": [
            {
                "file": "f.yaml",
                "line": 10,
                "column": 1,
                "what": "unknown key 'modle'",
                "instead": "did you mean 'mode'?",
            }
        ],
        "warnings": [],
    }


def test_an_exception_that_has_ended_is_a_warning_and_no_problem(run):
    ended = "owners: [a]\nexceptions: [{gate: rmse, reason: x, by: a, expires: 2020-01-31}]\n"
    said = run("check", "f.yaml", f=SMALLEST + ended)
    assert said.exit_code == 0
    assert (
        "f.yaml:11:54: the exception for 'rmse' ended with 2020-01-31, take it out, or renew it"
        in said.output
    )


@pytest.mark.parametrize("command", ["check", "test"])
def test_without_a_path_the_usual_folder_is_looked_at(run, command):
    files = {"policies__definitions__fare__policy": SMALLEST, "policies__definitions__fare__cases": CASES}
    assert run(command, **files).exit_code == 0


@pytest.mark.parametrize("command", ["check", "test"])
@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "there is no folder policies/definitions here"),
        (["nowhere.yaml"], "does not exist"),
        (["."], "no policy file in ."),
        (["--what"], "No such option"),
    ],
    ids=["no folder", "no file", "no policy", "no option"],
)
def test_a_wrong_call_is_told_apart(run, command, args, words):
    said = run(command, *args, reviewers="groups: {}")
    assert said.exit_code == 2
    assert words in said.output


def test_a_policy_without_cases_is_reported(run):
    said = run("test", "f.yaml", f=SMALLEST)
    assert said.exit_code == 1
    assert "the policy 'taxi-fare' has no cases, write some into f.cases.yaml" in said.output


def test_test_passes(run):
    said = run("test", ".", fare__policy=SMALLEST, fare__cases=CASES)
    assert (said.exit_code, said.output) == (
        0,
        "pass  taxi-fare: no champion\n1 case answered as written\n",
    )


def test_test_tells_what_answers_otherwise(run):
    said = run(
        "test", ".", fare__policy=SMALLEST, fare__cases=CASES.replace("answer: ask", "answer: promote")
    )
    assert said.exit_code == 1
    assert said.output.splitlines()[0] == "FAIL  taxi-fare: no champion"
    assert said.output.splitlines()[1].startswith("      fare/cases.yaml:2:5: the answer is ask, not promote")


def test_test_in_json(run):
    said = run("test", "--json", "fare/policy.yaml", fare__policy=SMALLEST, fare__cases=CASES)
    assert json.loads(said.output) == {
        "ok": True,
        "cases": [
            {
                "policy": "taxi-fare",
                "case": "no champion",
                "place": "fare/cases.yaml:2:5",
                "passed": True,
                "differences": [],
            }
        ],
        "problems": [],
    }


def test_test_tells_problems_of_the_cases(run):
    said = run("test", ".", fare__policy=SMALLEST, fare__cases=CASES.replace("answer", "anwser"))
    assert said.exit_code == 1
    assert "fare/cases.yaml:5:5: unknown key 'anwser', did you mean 'answer'?" in said.output


@pytest.mark.parametrize("args", [["--help"], ["check", "--help"], ["test", "--help"]], ids=" ".join)
def test_help_has_an_example(run, args):
    assert "Example: gatehouse policy" in run(*args).output


def test_loading_policies_needs_nothing_heavy():
    heavy = "{'numpy', 'pandas', 'mlflow', 'sqlalchemy', 'scipy', 'flask', 'celery'}"
    code = f"import sys, policies.load; sys.exit(str({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "set()"


BAD = SMALLEST.replace("rmse", "rsme") + "modle: x\n"


def test_check_as_sarif_has_what_code_scanning_needs(run):
    said = run("check", "--format", "sarif", "a b.yaml", **{"a b": BAD})
    told = json.loads(said.output)
    (ran,) = told["runs"]
    rule, warning = ran["tool"]["driver"]["rules"]
    assert (said.exit_code, told["version"]) == (1, "2.1.0")
    assert told["$schema"].endswith("sarif-schema-2.1.0.json")
    assert ran["tool"]["driver"]["name"] == "Gatehouse"
    assert {"id", "shortDescription", "fullDescription"} <= rule.keys() & warning.keys()
    assert ran["results"] == [
        {
            "ruleId": rule["id"],
            "ruleIndex": 0,
            "level": "error",
            "message": {"text": text},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "a%20b.yaml"},
                        "region": {"startLine": line, "startColumn": column},
                    }
                }
            ],
        }
        for line, column, text in [
            (7, 18, "no metric 'rsme', did you mean 'rmse'?"),
            (10, 1, "unknown key 'modle', did you mean 'mode'?"),
        ]
    ]


def test_sarif_tells_paths_from_the_working_directory_on(run, tmp_path):
    said = run("check", "--format", "sarif", str(tmp_path / "f.yaml"), f=BAD)
    place = json.loads(said.output)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "f.yaml"


def test_sarif_of_what_is_fine_has_a_run_without_results(run):
    said = run("check", "--format", "sarif", "f.yaml", f=SMALLEST)
    assert (said.exit_code, json.loads(said.output)["runs"][0]["results"]) == (0, [])


def test_check_as_junit_has_one_test_for_each_file(run):
    said = run("check", "--format", "junit", "a.yaml", "b.yaml", a=SMALLEST, b=BAD)
    (suite,) = JUnitXml.fromstring(said.output)
    assert (said.exit_code, suite.tests, suite.failures) == (1, 2, 1)
    sound, broken = suite
    assert (sound.name, sound.classname, sound.is_passed) == ("taxi-fare", "a.yaml", True)
    assert "b.yaml:10:1: unknown key 'modle'" in broken.result[0].text


def test_test_as_junit_has_one_test_for_each_case(run):
    cases = CASES + '  - {case: "odd \\0 name", from: staging, answer: promote}\n'
    files = {"fare__policy": SMALLEST, "fare__cases": cases, "lone__policy": SMALLEST.replace("taxi", "bus")}
    said = run("test", "--format", "junit", ".", **files)
    suite, broken = JUnitXml.fromstring(said.output)
    assert (said.exit_code, suite.name, suite.tests, suite.failures) == (1, "taxi-fare", 2, 1)
    assert [(case.name, case.is_passed) for case in suite] == [
        ("no champion", True),
        ("odd \ufffd name", False),
    ]
    assert (broken.errors, "has no cases" in next(iter(broken)).result[0].text) == (1, True)


def test_explain_is_the_same_command_here_and_there():
    context = click.Context(policy)
    assert policy.get_command(context, "explain") is main.get_command(context, "explain")
