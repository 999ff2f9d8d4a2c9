"""Two versions of one model in Production at once, by nobody's known move: the full sweep finds them.

A move that was seen is a bypass (`workers.bypass`); these were there before Gatehouse, or came in some way
that left no trace. They are reported once and left: which of them is the champion is not ours to guess.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ledger import work
from ledger.engine import writing
from notifications.render import render_problem
from policies.problems import PolicyInvalid
from policies.rule import Rule
from registry.words import ModelVersion, Stage
from workers.gatekeeper import Gatekeeper
from workers.messages import OWNERS, tell_once


def ring_crowded(keeper: Gatekeeper, versions: Sequence[ModelVersion]) -> None:
    """Ask for a look at the newest champion of every guarded model that has several."""
    crowded = [(model, number) for model, number in _crowded(versions) if _guarded(keeper, model)]
    if crowded:
        with writing(keeper.ledger) as session:
            work.ring_all(session, crowded, keeper.now())


def report_crowd(
    keeper: Gatekeeper, rule: Rule, version: ModelVersion, versions: Sequence[ModelVersion]
) -> None:
    """Tell the owners, once, unless the policy itself leaves the champion before where it is."""
    champions = [v.version for v in versions if v.stage is Stage.PRODUCTION]
    steps = [one.step() for one in rule.on_pass]
    alone = any(step.kind == "transition" and step.archive_existing for step in steps)
    if len(champions) < 2 or not alone:  # noqa: PLR2004 a crowd
        return
    said = f"versions {', '.join(map(str, sorted(champions)))} are in Production at once; archive all but one"
    message = render_problem(
        version.name,
        version.version,
        said,
        console_url=keeper.console_url,
        channel=OWNERS,
        words=keeper.words,
    )
    with writing(keeper.ledger) as session:
        tell_once(keeper, session, message)


def _crowded(versions: Sequence[ModelVersion]) -> Iterator[tuple[str, int]]:
    champions = defaultdict(list)
    for version in versions:
        if version.stage is Stage.PRODUCTION:
            champions[version.name].append(version.version)
    return ((model, max(numbers)) for model, numbers in champions.items() if len(numbers) > 1)


def _guarded(keeper: Gatekeeper, model: str) -> bool:
    try:
        return keeper.policies().for_model(model, lambda: keeper.registry.model_tags(model)) is not None
    except PolicyInvalid:
        return False  # whoever is looked at under it tells of it
