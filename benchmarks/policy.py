"""What the policy language and its author's tools cost: check, test, one judgement, backtest, import.

Offline, against folders and a ledger made here. The judgement is by the strictest of the ready policies.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from ledger import judgements
from ledger.engine import open_ledger, writing
from ledger.migrate import upgrade
from policies.case_file import CaseFile
from policies.decide import decide
from policies.evaluate import evaluate
from policies.evidence.evidence import Evidence
from policies.language import Policy
from policies.load import cases_path, load_policies, read
from policies.moment import Moment
from policies.parse import parse_section
from policies.rule import Rule

LIBRARY = Path("policies/library")
POLICIES, CASES = 100, 10
DECISIONS = 10_000
MOMENT = Moment(now=datetime(2026, 11, 25, 12, tzinfo=UTC))
JUDGED = 500
IMPORTS = 9
GATEHOUSE = (sys.executable, "-c", "from gatehouse.cli import main; main()")


def main() -> dict[str, float]:
    """Seconds of the commands, start included; milliseconds of one judgement and of an import."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        many, url = Path(folder) / "policies", f"sqlite:///{folder}/ledger.db"
        _write(many)
        policy, rule, evidence = _strictest()
        ledger = open_ledger(url)
        upgrade(ledger)
        _fill(ledger, policy, rule, evidence)
        return {
            "policies": POLICIES,
            "cases": POLICIES * CASES,
            "check_s": _called("check", str(many)),
            "test_s": _called("test", str(many)),
            "gates": len(rule.gates),
            "judge_ms": _median_ms(lambda: _judged(policy, rule, evidence), JUDGED),
            "decisions": DECISIONS,
            "backtest_s": _called("backtest", str(LIBRARY), ledger=url),
            "import_ms": _import_ms("policies.load") - _import_ms("sys"),
        }


def _strictest() -> tuple[Policy, Rule, Evidence]:
    """Of the ready policies, the rule with most gates, and the evidence of one of its cases."""
    rules = [(policy, rule) for policy in load_policies(LIBRARY).policies for rule in policy.transitions]
    policy, rule = max(rules, key=lambda one: len(one[1].gates))
    path = cases_path(policy.path)
    cases = parse_section(CaseFile, read(path), file=str(path)).cases
    given = [case.given for case in cases if case.stage is rule.from_stage and case.given.champion]
    return policy, rule, given[0].evidence(policy, rule)


def _write(folder: Path) -> None:
    """The ready policies over and over under other names, each with ten of its cases."""
    ready = load_policies(LIBRARY).policies
    for number in range(POLICIES):
        policy = ready[number % len(ready)]
        below = folder / f"policy-{number:03}"
        below.mkdir(parents=True)
        text = policy.text.replace(f"policy: {policy.name}", f"policy: policy-{number}", 1)
        for model in policy.models:
            text = text.replace(model, f"{model}-{number}")
        (below / "policy.yaml").write_text(text)
        (below / "cases.yaml").write_bytes(_ten(policy))


def _ten(policy: Policy) -> bytes:
    """As many cases as are wanted of those there are; once more from the start where there are fewer."""
    head, *cases = read(cases_path(policy.path)).decode().split("\n  - case:")
    wanted = [f" {number}{case}" for number, case in enumerate((cases * CASES)[:CASES])]
    return "\n  - case:".join([head, *wanted]).encode()


def _fill(ledger: Engine, policy: Policy, rule: Rule, evidence: Evidence) -> None:
    """So many decisions, each on evidence of its own."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with writing(ledger) as session:
        judgements.keep_policy(session, digest=policy.digest, name=policy.name, text=policy.text)
        for number in range(DECISIONS):
            candidate = evidence.candidate.model_copy(update={"version": number + 1})
            own = evidence.model_copy(update={"candidate": candidate})
            evaluation = evaluate(policy, rule, own)
            decision = decide(policy, rule, evaluation, authors=frozenset(), groups={}, moment=MOMENT)
            said = evaluation, decision.model_copy(update={"steps": ()})
            judgements.keep_evidence(session, own, inputs=str(number), now=at)
            when = at + timedelta(minutes=number)
            judgements.record(session, candidate.name, number + 1, said, product="bench", now=when)


def _judged(policy: Policy, rule: Rule, evidence: Evidence) -> None:
    evaluation = evaluate(policy, rule, evidence)
    decide(policy, rule, evaluation, authors=frozenset(), groups={}, moment=MOMENT)


def _called(*words: str, ledger: str = "") -> float:
    """Seconds of a command of its own process, which must end well."""
    command = [*GATEHOUSE, "policy", *words]
    began = time.perf_counter()
    done = subprocess.run(
        command, capture_output=True, check=False, env=os.environ | {"GATEHOUSE_LEDGER_URL": ledger}
    )
    took = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout.decode()[-2000:]}")
    return took


def _import_ms(module: str) -> float:
    """Of a fresh process that imports a module, start of the interpreter included."""
    command = [sys.executable, "-c", f"import {module}"]
    return _median_ms(lambda: subprocess.run(command, check=True), IMPORTS)


def _median_ms(work: Callable[[], object], times: int) -> float:
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return 1000 * statistics.median(seconds)
