"""`gatehouse validate`: judge one version here and now, with no server of ours; moves and records nothing."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatehouse import pages
from gatehouse.failures import Exit
from gatehouse.model_address import parse
from policies.verdicts import Answer, Outcome
from workers.settings import WorkerSettings

if TYPE_CHECKING:
    from validation.reports.report import Report

CODES = {
    Answer.PROMOTE: Exit.FINE,
    Answer.ASK: Exit.FINE,
    Answer.REJECT: Exit.NO,
    Answer.HOLD: Exit.COULD_NOT_TELL,
}


@click.command(
    epilog="Example: gatehouse validate models:/taxi-fare/3 --against models:/taxi-fare/Production "
    "--data trips.csv --policy policy.yaml"
)
@click.argument("model")
@click.argument("version", type=click.IntRange(min=1), required=False)
@click.option(
    "--to",
    "target",
    type=click.Choice(["staging", "production"]),
    help="Judge this transition instead of the next one.",
)
@click.option("--against", metavar="MODEL", help="Compare with this version instead of the champion.")
@click.option("--data", metavar="FILE", help="Judge on these rows instead of the hold-out's.")
@click.option(
    "--policy",
    "--policies",
    "policies",
    type=click.Path(path_type=Path, exists=True),
    help="Policy file, or a folder of them.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write the page; NAME-VERSION.html in the current folder if not said.",
)
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def validate(  # noqa: PLR0913 each is an option of the command
    model: str,
    version: int | None,
    *,
    target: str | None,
    against: str | None,
    data: str | None,
    policies: Path | None,
    report: Path | None,
    machine: bool,
) -> None:
    """Judge a version of MODEL by its policy, print the gates and write the report's page.

    MODEL is a registered model's name with VERSION beside it, or models:/NAME/3, models:/NAME/Production,
    models:/NAME@ALIAS. Exit code 0: it would pass, or waits for people only; 1: no; 3: could not tell.
    """
    candidate = parse(model, version)
    champion = parse(against) if against else None
    with pages.console().status("Validating ..."):
        from gatehouse.trial_judgement import Call, judged

        found = judged(Call(candidate, policies or WorkerSettings().policies, target, champion, data))
        place = _written(found, report)
    _print(found, place, machine=machine)
    unclear = any(verdict.outcome is Outcome.INCONCLUSIVE for verdict in found.evaluation.verdicts)
    asked = found.decision.answer is Answer.ASK and unclear
    raise SystemExit(Exit.COULD_NOT_TELL if asked else CODES[found.decision.answer])


def _print(found: "Report", place: Path, *, machine: bool) -> None:
    of = found.evidence.candidate
    if machine:
        plain = pages.judgement_json(found.evaluation, found.decision)
        told = {"model": of.name, "version": of.version, "report": str(place)}
        evidence = {"evidence": found.evidence.model_dump(mode="json")}
        pages.as_json(told | plain | evidence)
        return
    pages.judgement(found.title, found.evaluation, found.decision)
    click.echo(f"The report: {place}")


def _written(found: "Report", place: Path | None) -> Path:
    from validation.reports.drawn import draw
    from validation.reports.page import page

    of = found.evidence.candidate
    safe = re.sub(r"[^\w.-]+", "_", of.name).lstrip(".-") or "model"
    place = place or Path(f"{safe}-{of.version}.html")
    html = page(found, draw(found))
    try:
        place.write_text(html, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"the report cannot be written to {place}: {error.strerror}") from error
    return place
