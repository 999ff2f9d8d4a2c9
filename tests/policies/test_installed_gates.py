"""Gates from installed packages: what is sound is a gate like any other, what is not is told and harms nothing."""

import sys

import pytest
from click.testing import CliRunner

from gatehouse.policy.group import policy as command
from policies.decide import decide
from policies.evaluate import evaluate
from policies.gates import registered
from policies.load import load_policies
from policies.problems import PolicyInvalid
from policies.verdicts import Answer, Outcome
from tests.policies.made import NOON, SMALLEST, evidence, policy_of

HEAD = """\
from typing import ClassVar, Literal
from pydantic import Field, field_validator
from policies.evidence.measurement import MetricNeed
from policies.evidence.need import Need
from policies.gates.gate import Gate
from policies.verdicts import Outcome, Verdict
"""
SMELLS = '''
class Smells(Gate):
    """The model smells good."""
    marks: ClassVar[tuple[str, ...]] = ("smells",)
    example: ClassVar[str] = "{smells: good}"
    smells: Literal["good", "sweet"] = Field(description="How it smells.")

    @property
    def subject(self):
        return "smell"

    def judge(self, evidence):
        return self.says(Outcome.PASS, "it smells good")
'''
GATES = SMALLEST.replace("      - {metric: rmse, max: 5.0}\n", "      - {smells: good}\n")


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Packages by name, each one module of code that offers gates: {gate: object}."""
    modules = []

    def add(package, code, *offers):
        site = tmp_path / f"site-{package}"
        info = site / f"{package}-1.0.dist-info"
        info.mkdir(parents=True)
        (site / f"{package}.py").write_text(HEAD + code)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = [f"{gate} = {package}:{kind}" for gate, kind in offers]
        (info / "entry_points.txt").write_text("[gatehouse.gates]\n" + "\n".join(lines) + "\n")
        monkeypatch.syspath_prepend(site)
        modules.append(package)

    registered.from_packages.cache_clear()
    yield add
    registered.from_packages.cache_clear()
    for name in modules:
        sys.modules.pop(name, None)


def problems_of(gate):
    with pytest.raises(PolicyInvalid) as caught:
        policy_of([gate])
    return str(caught.value)


def judged(judge, gate="{smells: good}", extra=""):
    """The verdict and the decision on a sound candidate where the gate judges by this code."""
    rule = policy_of([gate, "{metric: rmse, max: 5}"], first_version="promote")
    evaluation = evaluate(rule, rule.transitions[0], evidence(champion=False, rmse=4.0))
    decision = decide(rule, rule.transitions[0], evaluation, authors=frozenset(), groups={}, moment=NOON)
    return evaluation.verdicts[0], decision


def test_an_installed_gate_judges_like_any_other(install):
    install("odour", SMELLS, ("smells", "Smells"))
    verdict, decision = judged("")
    assert (verdict.gate, verdict.outcome, decision.answer) == ("smell", Outcome.PASS, Answer.PROMOTE)


@pytest.mark.parametrize(
    ("gate", "problem"),
    [
        ("{smells: bad}", "policy.yaml:6:22: 'bad' is not known here"),
        ("{smels: good}", "policy.yaml:6:14: unknown gate 'smels', did you mean 'smells'?"),
        ("{smells: good, severety: warn}", "unknown key 'severety', did you mean 'severity'?"),
        ("{metric: rmse, max: 5, smells: good}", "unknown key 'smells'"),
    ],
)
def test_its_options_are_checked_like_those_of_any_other(install, gate, problem):
    install("odour", SMELLS, ("smells", "Smells"))
    assert problem in problems_of(gate)


UNSOUND = {
    "a package that cannot be imported": ("import nowhere\n", "ModuleNotFoundError: No module named 'nowhere' (odour.py:7)"),
    "a package that ends the process": ("raise SystemExit(3)\n", "SystemExit: 3 (odour.py:7)"),
    "an object that is not there": ("", "AttributeError: module 'odour' has no attribute 'Smells'"),
    "no class": ("Smells = 5\n", "it is no class that derives from policies.gates.gate.Gate"),
    "another class": ("class Smells: pass\n", "it is no class that derives from policies.gates.gate.Gate"),
    "no judgement": (SMELLS.replace("def judge", "def guess"), "it is no class that derives from policies.gates.gate.Gate and says how it judges"),
    "no marks": (SMELLS.replace('("smells",)', "()"), "its first mark must be 'smells', as its entry point is called; it has ()"),
    "marks in a list": (SMELLS.replace('("smells",)', '["smells"]'), "its first mark must be 'smells'"),
    "another name": (SMELLS.replace('("smells",)', '("odour",)'), "its first mark must be 'smells'"),
    "the mark of a gate of ours": (SMELLS.replace('("smells",)', '("smells", "metric")'), "'metric' is a key of {metric: rmse,"),
    "a key of every gate": (SMELLS.replace('("smells",)', '("smells", "severity")'), "'severity' is a key of every gate already"),
    "a mark that is no key": (SMELLS.replace('("smells",)', '("smells", "sweet")'), "'sweet' marks it, and must be a key without a default"),
    "a mark with a default": (SMELLS.replace("Field(", 'Field("good", '), "'smells' marks it, and must be a key without a default"),
    "a key without words": (SMELLS.replace('Field(description="How it smells.")', "Field()"), "its key 'smells' has no description"),
    "no docstring": (SMELLS.replace('    """The model smells good."""\n', ""), "it has no docstring"),
    "an example that does not show it": (SMELLS.replace("{smells: good}", "{odour: good}"), "does not show it; write one such as {smells: ...}"),
    "an example that does not fit": (SMELLS.replace("{smells: good}", "{smells: bad}"), "ValidationError"),
    "an example that is no YAML": (SMELLS.replace("{smells: good}", "{smells: "), "PolicyInvalid"),
    "needs that nobody meets": (SMELLS + "    def needs(self):\n        return ('rmse',)\n", "it needs ('rmse',), but only these can be measured: LoadNeed,"),
    "needs that raise": (SMELLS + "    def needs(self):\n        return 1 / 0\n", "ZeroDivisionError: division by zero (odour.py:"),
    "no name": (SMELLS.replace('"smell"', "None"), "it is called None; its subject must be a text"),
    "a type that is not there": (SMELLS.replace('Literal["good", "sweet"]', '"Nowhere"'), "PydanticUserError"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "why"), UNSOUND.values(), ids=UNSOUND)
def test_what_is_no_sound_gate_is_told_where_it_is_used_and_harms_no_other(install, tmp_path, code, why):
    install("odour", code, ("smells", "Smells"))
    install("colour", SMELLS.replace("mell", "hine"), ("shines", "Shines"))
    (tmp_path / "a.yaml").write_text(GATES)
    (tmp_path / "b.yaml").write_text(
        GATES.replace("smells", "shines").replace("taxi-fare", "b").replace("policy: b", "policy: two")
    )
    book = load_policies(tmp_path)
    assert [policy.name for policy in book.policies] == ["two"]
    (problem,) = book.problems
    assert str(problem).startswith(f"{tmp_path}/a.yaml:7:10: the gate 'smells' of odour 1.0 cannot be used: ")
    assert why in problem.what


def test_policies_without_it_do_not_ask_for_a_broken_package(install, tmp_path):
    install("odour", "raise SystemExit\n", ("smells", "Smells"))
    (tmp_path / "policy.yaml").write_text(SMALLEST)
    checked = CliRunner().invoke(command, ["check", str(tmp_path)])
    assert checked.exit_code == 0
    assert "warning: the gate 'smells' of odour 1.0 cannot be used: SystemExit" in checked.stderr


def test_of_two_packages_that_offer_a_gate_of_one_name_neither_is_used(install):
    install("odour", SMELLS, ("smells", "Smells"))
    install("perfume", SMELLS, ("smells", "Smells"))
    assert "two packages offer a gate of this name; remove one of them" in problems_of("{smells: good}")


def test_a_validator_that_raises_is_a_problem_of_the_file_and_no_crash(install):
    code = SMELLS + (
        "    @field_validator('smells')\n    @classmethod\n    def _odd(cls, given):\n"
        "        return {'good': given}[given]\n"
    )
    install("odour", code, ("smells", "Smells"))
    told = problems_of("{smells: sweet}")
    assert "policy.yaml:6:13: this gate's own package cannot read it: KeyError: 'sweet' (odour.py:" in told


JUDGEMENTS = {
    "raises": ("return 1 / 0", "smell could not judge: ZeroDivisionError: division by zero (odour.py:"),
    "ends the process": ("raise SystemExit(1)", "smell could not judge: SystemExit: 1 (odour.py:"),
    "recurses": ("return self.judge(evidence)", "smell could not judge: RecursionError"),
    "says nothing": ("return None", "it answered with NoneType, which is no verdict"),
    "says yes": ("return True", "it answered with bool, which is no verdict"),
    "speaks for another": ("return Verdict(gate='rmse', outcome='pass', sentence='x')", "it answered for 'rmse' (block); answer by self.says"),
    "only warns": ("return Verdict(gate='smell', outcome='pass', sentence='x', severity='warn')", "it answered for 'smell' (warn)"),
    "passes what is no figure": ("return self.says(Outcome.PASS, 'x', value=float('nan'))", "it passed nan, which is not a figure"),
    "an outcome that there is not": ("return Verdict.model_construct(gate='smell', outcome='yes', sentence='x')", "smell could not judge: ValidationError"),
    "half a verdict": ("return Verdict.model_construct(outcome='pass')", "smell could not judge: ValidationError"),
    "a sentence that is none": ("return Verdict.model_construct(gate='smell', outcome='pass', sentence=5)", "smell could not judge: ValidationError"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "why"), JUDGEMENTS.values(), ids=JUDGEMENTS)
def test_a_judgement_that_cannot_be_is_an_error_and_never_a_pass(install, line, why):
    code = SMELLS.replace('return self.says(Outcome.PASS, "it smells good")', line)
    install("odour", code, ("smells", "Smells"))
    verdict, decision = judged(line)
    assert (verdict.outcome, decision.answer) == (Outcome.ERROR, Answer.HOLD)
    assert why in verdict.sentence


@pytest.mark.parametrize(
    ("metric", "outcome"), [("rmse", Outcome.PASS), ("mae", Outcome.ERROR)], ids=["measured", "missing"]
)
def test_it_cannot_pass_without_the_evidence_that_it_asked_for(install, metric, outcome):
    need = f"    def needs(self):\n        return (MetricNeed(metric='{metric}', dataset='holdout'),)\n"
    install("odour", SMELLS + need, ("smells", "Smells"))
    verdict, _ = judged("")
    assert verdict.outcome is outcome
    if outcome is Outcome.ERROR:
        assert "it passed although mae on holdout was not measured" in verdict.sentence
