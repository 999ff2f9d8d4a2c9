"""Answers needs with findings: reads the data sets, runs candidate and champion on the same rows, measures.

The order is files, data, runs, findings; the models' code runs in the sandbox, everything else here. Any
failure is a `Gap` under its need's key, and costs no other need.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal

from policies.evidence.gap import Gap
from policies.evidence.kinds import Finding
from policies.evidence.need import DataNeed, Need
from policies.evidence.scan import Scan, ScanNeed
from policies.evidence.team_tests import TeamTestsNeed
from policies.sandbox_levels import SandboxLevel
from validation.answers import Run
from validation.asking import Asked, ModelFiles, ask, asked_of_all
from validation.data_sets import HoldoutSource, read_sets
from validation.holdout import Holdout
from validation.measuring.kinds import OF_FILES, finding_of, of_files
from validation.measuring.large import large_findings
from validation.measuring.scores import Scores, Unmeasured
from validation.measuring.team_tests import team_tests
from validation.recall import Recall
from validation.sandbox import Sandbox
from validation.spark.engine import far_findings
from validation.spark.far import FarHoldout
from validation.spark.job import ModelAsked

Env = Literal["worker", "model"]


def measure(  # noqa: PLR0913 what is measured, and under which conditions, each by its name
    needs: Sequence[Need],
    candidate: ModelFiles,
    champion: ModelFiles | None,
    datasets: Mapping[str, HoldoutSource],
    *,
    sandbox: Sandbox,
    level: SandboxLevel = "limited",
    env: Env = "worker",
    show: Callable[[Scores], None] = lambda _: None,
) -> tuple[dict[str, Finding], dict[str, str]]:
    """Findings by need key, and the digest of every data set that was read, by name.

    No model is run where the sandbox does not give the `level`, and no champion whose answers it has kept; in
    which `env`, the policy says. All that was scored is shown to `show`, once, before it is forgotten.
    """
    found = {n.key: of_files(n, candidate.path, sandbox) for n in needs if type(n) in OF_FILES}
    rest = [need for need in needs if need.key not in found]
    if why := _unsafe(needs, found):
        return found | {need.key: why for need in rest}, {}
    trial = _Trial(candidate, champion, read_sets(rest, datasets), sandbox, level, env)
    exams = [need for need in rest if isinstance(need, TeamTestsNeed)]
    found |= trial.far([need for need in rest if need not in exams])
    if scored := [need for need in rest if need not in exams and need.key not in found]:
        scores = trial.scores(scored)
        found |= large_findings(scored, scores)
        found |= {need.key: finding_of(need, scores) for need in scored if need.key not in found}
        show(scores)
    found |= {need.key: trial.examined(need) for need in exams}
    return found, {name: read.digest for name, read in trial.data.items() if not isinstance(read, Gap)}


def _unsafe(needs: Sequence[Need], found: Mapping[str, Finding]) -> Gap | None:
    """Why the candidate must not be loaded, if so."""
    blocking = [need for need in needs if isinstance(need, ScanNeed) and need.blocking]
    for finding in (found[need.key] for need in blocking):
        if isinstance(finding, Gap):
            return Gap(reason=f"the candidate was not loaded: {finding.reason}", fault=finding.fault)
        if isinstance(finding, Scan) and finding.threats:
            first = finding.threats[0]
            reason = f"the candidate was not loaded: {first.where} {first.what}"
            return Gap(reason=reason, fault="candidate")
    return None


@dataclass(frozen=True)
class _Trial:
    """Candidate and champion before the same data, each run under the same conditions."""

    candidate: ModelFiles
    champion: ModelFiles | None
    data: Mapping[str, Holdout | FarHoldout | Gap]
    sandbox: Sandbox
    level: SandboxLevel
    env: Env

    def far(self, needs: Sequence[Need]) -> dict[str, Finding]:
        """What is asked of data sets on Spark."""
        asked = {who: ModelAsked(files.path, files.signature) for who, files in self._models.items()}
        found: dict[str, Finding] = {}
        for name, far in self.data.items():
            if isinstance(far, FarHoldout):
                mine = [need for need in needs if isinstance(need, DataNeed) and need.dataset == name]
                found |= far_findings(mine, asked, far, self.sandbox.limits, self.level) if mine else {}
        return found

    def scores(self, needs: Sequence[Need]) -> Scores:
        """Everything that one run of each model answers."""
        asked = asked_of_all(self._rows, needs)
        against = {need.dataset for need in needs if need.against_champion and isinstance(need, DataNeed)}
        names = [name for name in self._rows if name in against]
        # While a model is timed, no other runs beside it.
        with ThreadPoolExecutor(1 if asked.calls else 2) as pool:
            ours = pool.submit(self._run, self.candidate, asked)
            theirs = pool.submit(self._answers, self.champion, names) if self.champion and against else None
            if self._recall:
                self._recall.keep(self.candidate.path, ours.result())
            return Scores(
                {name: _here(each) for name, each in self.data.items()},
                ours.result(),
                theirs.result() if theirs else None,
                takes=self.candidate.takes,
                trained_on=self.candidate.trained_on,
            )

    def examined(self, need: TeamTestsNeed) -> Finding:
        """What a team's own tests say of both models."""
        holdout = self.data[need.dataset]
        if isinstance(holdout, Gap):
            return holdout
        if isinstance(holdout, FarHoldout):
            return Gap(reason=f"a team's tests are not run on Spark, where '{holdout.name}' lies")
        try:
            with ExitStack() as stack:
                models = {
                    who: stack.enter_context(
                        self.sandbox.answering(files.path, files.signature, self.level, self.env)
                    )
                    for who, files in self._models.items()
                }
                return team_tests(need, holdout, models, self.sandbox)
        except Unmeasured as unmeasured:
            return unmeasured.gap

    def _answers(self, champion: ModelFiles, names: Collection[str]) -> Run:
        """The champion's answers to data sets; it is run for what nobody remembers."""

        def run(names: Collection[str]) -> Run:
            tables = {name: self._rows[name].inputs for name in names}
            return self._run(champion, Asked(tables, {name: self._rows[name].classes for name in names}))

        return self._recall.answers(champion.path, names, run) if self._recall else run(names)

    def _run(self, model: ModelFiles, asked: Asked) -> Run:
        chosen: dict[str, Any] = {"level": self.level} | ({} if self.env == "worker" else {"env": self.env})
        return ask(partial(self.sandbox.run, **chosen), model, asked)

    @property
    def _models(self) -> dict[str, ModelFiles]:
        return {"candidate": self.candidate} | ({"champion": self.champion} if self.champion else {})

    @cached_property
    def _rows(self) -> dict[str, Holdout]:
        return {name: holdout for name, holdout in self.data.items() if isinstance(holdout, Holdout)}

    @cached_property
    def _recall(self) -> Recall | None:
        kept = self.sandbox.kept
        return Recall(kept, self._rows, self.sandbox.python) if kept and self.env == "worker" else None


def _here(found: Holdout | FarHoldout | Gap) -> Holdout | Gap:
    """A hold-out on Spark has no rows here."""
    if isinstance(found, FarHoldout):
        return Gap(reason=f"the rows of '{found.name}' are on Spark")
    return found
