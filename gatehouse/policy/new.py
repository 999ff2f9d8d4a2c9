"""`gatehouse policy new`: a first policy for a registered model, from what the model says of itself."""

import re
from pathlib import Path
from typing import Any

import click
from pydantic_core import PydanticCustomError

from gatehouse.policy.draft import Answers, Draft, draft, target_of
from gatehouse.policy.looking import DEFAULT
from gatehouse.policy.ready import names, predicts, ready
from policies.cases import run_cases
from policies.parse import parse_policy
from policies.quantities import parse_percent
from registry.errors import VersionMissing
from registry.port import Registry
from registry.settings import RegistrySettings
from registry.words import VersionFacts


class PercentType(click.ParamType[float]):
    """A percent as policies write it, as a fraction."""

    name = "percent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Raises BadParameter with what to write instead."""
        try:
            return parse_percent(value)
        except PydanticCustomError as error:
            said = error.context or {}
            self.fail(f"{said['what']}, {said['instead']}", param, ctx)


PERCENT = PercentType()
COUNT = click.IntRange(0, 20)
COLUMN = "Which column does it predict"


@click.command(epilog="Example: gatehouse policy new taxi-fare --target fare_amount --margin 2%")
@click.argument("model")
@click.option("--target", help="The column that the model predicts.")
@click.option("--margin", type=PERCENT, help="How much worse than the champion one may be: 2%.")
@click.option("--approvals", type=COUNT, help="How many people must approve.")
@click.option(
    "--from", "source", type=click.Choice(names()), help="A ready policy to begin with; asks no registry."
)
@click.option("--into", type=click.Path(path_type=Path), help="Folder to write to; else one of its name.")
def new(
    model: str,
    *,
    target: str | None,
    margin: float | None,
    approvals: int | None,
    source: str | None,
    into: Path | None,
) -> None:
    """Write a first policy and its cases for MODEL, from the signature and the metrics of its newest version.

    Asks three questions, or takes the answers as options; overwrites nothing. With --from it takes over a
    ready policy, whose figures are then yours to change. Exit code 0: written, 1: there is no such model, or
    the answers make no policy, 2: wrong call, 3: the registry does not answer.
    """
    folder = into or DEFAULT / _folder_name(model)
    _refuse_to_overwrite(folder)
    if source is None:
        made = _from_registry(model, target, margin, approvals)
    elif margin is None and approvals is None:
        made = ready(source, model, (target or _ask(COLUMN, None, None)) if predicts(source) else None)
    else:
        raise click.UsageError("with --from the ready policy says margin and approvals; change them there")
    write(made, folder)
    click.echo(f"Wrote {folder / 'policy.yaml'} and cases.yaml. Read them: gatehouse policy doc {folder}")


def _from_registry(model: str, target: str | None, margin: float | None, approvals: int | None) -> Draft:
    from registry.mlflow_registry import MlflowRegistry

    facts = newest(MlflowRegistry(RegistrySettings().registry_url), model)
    answers = Answers(
        target=target or _ask(COLUMN, target_of(facts), None),
        margin=_ask("How much worse than the champion may one be", "2%", PERCENT)
        if margin is None
        else margin,
        approvals=_ask("How many people must approve", 1, COUNT) if approvals is None else approvals,
    )
    return draft(facts, answers)


def newest(registry: Registry, model: str) -> VersionFacts:
    """What the newest version says of itself. Raises VersionMissing, RegistryUnavailable."""
    versions = registry.versions(model)
    if not versions:
        raise VersionMissing(f"the registry has no version of {model}; register one first")
    return registry.facts(versions[0])


def write(made: Draft, folder: Path) -> None:
    """Both files, once it is sure that they load and agree. Raises PolicyInvalid where they do not load."""
    _refuse_to_overwrite(folder)
    policy = parse_policy(made.policy, file=str(folder / "policy.yaml"))
    for result in run_cases(policy, made.cases, file=str(folder / "cases.yaml")):
        assert result.passed, f"{result.case}: {result.differences}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.yaml").write_text(made.policy)
    (folder / "cases.yaml").write_text(made.cases)


def _refuse_to_overwrite(folder: Path) -> None:
    for name in ("policy.yaml", "cases.yaml"):
        if (folder / name).exists():
            raise click.UsageError(f"{folder / name} is there already; write elsewhere with --into")


def _folder_name(model: str) -> str:
    """A model may be called as no folder can."""
    return re.sub(r"[^\w.-]+", "-", model).strip(".") or "model"


def _ask(question: str, default: Any, kind: click.ParamType[Any] | None) -> Any:
    return click.prompt(question, default=default, type=kind, err=True)
