"""Whatever a file is, `check` and `test` tell where and what, and end with 1; nothing hangs, nothing tears."""

import os
import re

import pytest
from click.testing import CliRunner

from gatehouse.policy.group import policy
from tests.policies.made import SMALLEST

HEAD = "policy: p\nmodels: [m]\ntransitions:\n  - from: staging\n    to: production\n    gates:"
MARGIN = HEAD + "\n      - {{metric: mae, compared_to: champion, margin: {}}}\n"
FILES = {
    "aliases that unfold": ("a: &a [x]\nb: [*a, *a]\npolicy: *a\n", "f.yaml:1:4: '&a' names a part of the file"),
    "aliases without end": ("policy: &a x\nmodels: [" + "*a, " * 200_000 + "]", "f.yaml:1:9: '&a' names"),
    "50 MB": ("a" * 50_000_000, "f.yaml:1:1: the file is larger than 1 MB"),
    "nested without end": ("[" * 200_000, "f.yaml:1:32: this is nested too deeply"),
    "a key twice": (HEAD + "\n      - {metric: rmse, max: 5, max: 6}\n", "f.yaml:7:32: the key 'max' stands twice"),
    "a tab": (HEAD + "\n\t- {metric: rmse, max: 5}\n", "f.yaml:7:1: a tab indents this line"),
    "no": (HEAD + "\n      - {tags: [a], severity: no}\n", "f.yaml:7:31: 'no' is not known here, known here: block"),
    "on": (SMALLEST + "    on: yes\n", "f.yaml:10:5: unknown key 'on'"),
    "5": (MARGIN.format("5"), "f.yaml:7:54: a percent is due here, and '5' may mean two, write 5%"),
    "0.05": (MARGIN.format("0.05"), "f.yaml:7:54: a percent is due here, and '0.05' may mean two, write 5%"),
    "inf": (MARGIN.format("inf"), "f.yaml:7:54: 'inf' is not a percent, write a number and %"),
    ".inf": (MARGIN.format(".inf"), "f.yaml:7:54: 'inf' is not a percent, write a number and %"),
    "-100%": (MARGIN.format("-100%"), "f.yaml:7:54: nothing can be 100% smaller"),
    "500%": (MARGIN.format("500%"), "f.yaml:7:54: this lets more than twice the champion's error pass, write at most 100%"),
    "100% of an accuracy": (MARGIN.replace("mae", "accuracy").format("100%"), "f.yaml:7:59: this lets anything pass, write a margin below 100%"),
    "confidence of 105%": (MARGIN.format("2%, confidence: 105%"), "f.yaml:7:70: no such confidence can be had, write one above 50% and below 100%"),
    "a limit of .inf": (HEAD + "\n      - {metric: rmse, max: .inf}\n", "f.yaml:7:29: 'inf' is not a finite number"),
    "a model called no": (SMALLEST.replace("[taxi-fare]", "no"), "f.yaml:2:9: 'no' is not a list, write [no]"),
    "yes for a count": (SMALLEST.replace("approvals: 1", "approvals: yes"), "f.yaml:9:16: 'yes' is not a list"),
    "a data set that there is not": (SMALLEST.replace("max: 5.0", "max: 5.0, dataset: holdot"), "f.yaml:7:43: no data set 'holdot', did you mean 'holdout'?"),
    "windows without end": (SMALLEST + '    freeze: {timezone: UTC, windows: [{from: "Mon 00:00", to: "Thu 00:00"}, {from: "Wed 00:00", to: "Mon 00:00"}]}\n', "f.yaml:10:38: these windows leave no moment free"),
    "gates of nothing": (HEAD + "\n", "f.yaml:6:11: nothing stands here, write a list"),
    "a gate of nothing": (HEAD + "\n      - {}\n", "f.yaml:7:9: nothing is not a gate"),
    "a gate twice": (HEAD + "\n      - {tags: [a]}\n" * 2, "is called 'tags' too, give this one a name"),
    "an unknown metric": (HEAD + "\n      - {metric: rsme, max: 1}\n", "f.yaml:7:18: no metric 'rsme', did you mean 'rmse'?"),
    "an unknown gate": (HEAD + "\n      - {metrc: rmse, max: 1}\n", "f.yaml:7:10: unknown gate 'metrc', did you mean 'metric'?"),
    "no text": (b"\x80\x81\x00", "f.yaml:1:1: the file is not UTF-8 text (byte 0)"),
    "nothing": ("", "f.yaml:1:1: the file is empty"),
}  # fmt: skip


@pytest.mark.parametrize("command", ["check", "test"])
@pytest.mark.parametrize(("content", "words"), FILES.values(), ids=FILES)
def test_a_bad_file_is_told_with_its_place(tmp_path, monkeypatch, command, content, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    said = CliRunner().invoke(policy, [command, "f.yaml"])
    assert (said.exit_code, words in said.output) == (1, True), said.output[:500]
    assert isinstance(said.exception, SystemExit)
    assert all(re.match(r"f\.yaml:\d+:\d+: ", line) for line in said.output.splitlines())
    assert len(said.output) < 100_000


CASES = {
    "an unknown answer": ("[{case: a, from: staging, answer: prommote}]", ":1:42: 'prommote' is not known here, did you mean 'promote'?"),
    "a gate that is not there": ("[{case: a, from: staging, answer: hold, gates: {rmes: fail}}]", ":1:9: there is no gate 'rmes', did you mean 'rmse'?"),
    "no such transition": ("[{case: a, from: production, answer: hold}]", ":1:9: the policy has no transition from production"),
    "a figure nobody asks for": ("[{case: a, from: staging, answer: hold, given: {measured: {r2: 1}}}]", ":1:9: no gate here asks for r2"),
    "an answer that nothing can give": ("[{case: a, from: staging, answer: promote}]", ":1:9: the answer is hold, not promote: rmse on holdout was not measured"),
    "a verdict that the gate never gives": ("[{case: a, from: staging, answer: reject, given: {measured: {rmse: 9}}, gates: {rmse: inconclusive}}]", ":1:9: the gate 'rmse' says fail, not inconclusive: rmse was 9.00"),
    "a step that is never taken": ("[{case: a, from: staging, answer: hold, steps: [{transition: archived}]}]", ":1:9: no decision here is followed by transition Archived, known here: transition Production (clearing it)"),
    "a soak that there is not": ("[{case: a, from: staging, answer: hold, soaked: 2h}]", ":1:9: nothing soaks in staging by this policy, take 'soaked' out"),
    "a wait for nobody": ("[{case: a, from: staging, answer: hold, waited: 2h}]", ":1:9: no request for approval here expires or escalates, take 'waited' out"),
    "yes and no of one person": ("[{case: a, from: staging, answer: hold, approved_by: [ada], rejected_by: [ada]}]", ":1:81: ada said both yes and no, leave one of the two"),
    "an uncertainty below nothing": ("[{case: a, from: staging, answer: hold, given: {uncertainty: -1%}}]", ":1:69: '-1%' is no uncertainty, write one from 0% to 100%"),
    "an uncertainty of more than all": ("[{case: a, from: staging, answer: hold, given: {uncertainty: 101%}}]", ":1:69: '101%' is no uncertainty"),
    "two cases of one name": ("[{case: a, from: staging, answer: hold}, {case: a, from: staging, answer: ask}]", ":1:56: an earlier case is called so too, say what is different"),
    "a time that there is not": ("[{case: a, from: staging, answer: hold, at: 2026-13-01}]", ":1:52: '2026-13-01' is not in the calendar"),
    "no cases": ("[]", ":1:8: nothing stands here, write at least one"),
}  # fmt: skip


@pytest.mark.parametrize(("cases", "words"), CASES.values(), ids=CASES)
def test_cases_that_expect_what_cannot_be_are_told_with_their_place(tmp_path, cases, words):
    (tmp_path / "policy.yaml").write_text(SMALLEST)
    (tmp_path / "cases.yaml").write_text(f"cases: {cases}\n")
    said = CliRunner().invoke(policy, ["test", str(tmp_path)])
    assert (said.exit_code, f"{tmp_path}/cases.yaml{words}" in said.output) == (1, True), said.output


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "policy.yaml")
    said = CliRunner().invoke(policy, ["check", str(tmp_path)])
    assert (said.exit_code, "policy.yaml:1:1: this is no plain file" in said.output) == (1, True)


def test_a_policy_without_gates_is_no_problem_and_promotes_nothing_by_itself(tmp_path):
    text = SMALLEST.split("    gates:")[0] + "    gates: []\n    first_version: promote\n"
    (tmp_path / "policy.yaml").write_text(text)
    (tmp_path / "cases.yaml").write_text(
        "cases: [{case: nobody looked, from: staging, answer: ask}, "
        "{case: somebody did, from: staging, approved_by: [ada], answer: promote}]"
    )
    assert CliRunner().invoke(policy, ["test", str(tmp_path)]).exit_code == 0


def test_an_exception_that_has_ended_is_warned_of_and_counts_no_more(tmp_path):
    waiver = "exceptions: [{gate: rmse, reason: x, by: pricing, expires: 2020-12-31}]\nowners: [pricing]\n"
    (tmp_path / "policy.yaml").write_text(SMALLEST + waiver)
    (tmp_path / "cases.yaml").write_text(
        "cases: [{case: before, from: staging, at: 2020-12-31 23:59, given: {measured: {rmse: 9}}, answer: ask}, "
        "{case: after, from: staging, at: 2021-01-01 00:00, given: {measured: {rmse: 9}}, answer: reject}]"
    )
    said = CliRunner().invoke(policy, ["check", str(tmp_path)])
    assert (
        said.exit_code,
        "policy.yaml:10:60: the exception for 'rmse' ended with 2020-12-31" in said.output,
    ) == (0, True)
    assert CliRunner().invoke(policy, ["test", str(tmp_path)]).exit_code == 0
