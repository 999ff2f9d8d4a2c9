"""Asks a model only what its answer is not known to: what is kept is taken, the rest is asked and kept."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from validation.answers import Failed, Loaded, Run, Scored
from validation.holdout import Holdout
from validation.kept import KeptAnswers, digest_of_asking, digest_of_model, digest_of_rows

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recall:
    """These data sets, and what is kept of any model's answers to them; `python` is who runs models."""

    kept: KeptAnswers
    rows: Mapping[str, Holdout]
    python: str

    def answers(self, model: Path, names: Collection[str], run: Callable[[Collection[str]], Run]) -> Run:
        """The answers to each of these data sets; `run` is asked for those that are not known."""
        known = self._known(model, names)
        missing = [name for name in names if name not in known]
        if not missing:
            return Run(Loaded(0.0, answered=True), known)
        ran = run(missing)
        self.keep(model, ran)
        return Run(ran.loading, {**ran.scores, **known}, ran.timings)

    def keep(self, model: Path, run: Run) -> None:
        """Whatever a run answered to whole data sets."""
        of_model = self._digests(model)
        for name, scored in run.scores.items():
            if (
                name in self._plain
                and isinstance(scored, Scored)
                and scored.predictions.ndim == 1
                and of_model
            ):
                of_rows = digest_of_rows(self.rows[name])
                self.kept.keep(*of_model, of_rows, answers=scored.predictions)

    def _known(self, model: Path, names: Collection[str]) -> dict[str, Scored | Failed]:
        known: dict[str, Scored | Failed] = {}
        if of_model := self._digests(model):
            for name in self._plain.intersection(names):
                holdout = self.rows[name]
                answers = self.kept.recall(*of_model, digest_of_rows(holdout), rows=holdout.rows)
                if answers is not None:
                    known[name] = Scored(answers, load_s=0.0, predict_s=0.0)
        return known

    @property
    def _plain(self) -> set[str]:
        """Data sets whose answers are figures: of classes, they would depend on more than the rows."""
        return {name for name, holdout in self.rows.items() if holdout.classes is None}

    def _digests(self, model: Path) -> tuple[str, str] | None:
        try:
            return digest_of_model(model), digest_of_asking(self.python)
        except OSError as error:
            log.warning("nothing is kept of a model whose files cannot be read: %s", error)
            return None
