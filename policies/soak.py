"""Soak and freeze: until when a candidate that may otherwise go must wait. Pure; decided last."""

from datetime import UTC, datetime

from policies.figures import span
from policies.moment import Moment, spoken
from policies.rule import Rule


def waits(rule: Rule, moment: Moment) -> tuple[datetime | None, list[str]]:
    """Why a promotion waits, nothing if it does not, and until when it does (None: no end can be seen).

    A freeze counts from the moment at which the soak is over: before that, nothing would go anyway. Of a
    version that nobody saw come the soak begins now.
    """
    now, reasons = moment.now, []
    ready = now
    if rule.soak is not None:
        ready = max(now, (moment.entered or now) + rule.soak)
    if rule.soak is not None and ready > now:
        stage = rule.from_stage.lower()
        reasons.append(f"soaks until {spoken(ready, UTC)}: {span(rule.soak)} in {stage} first")
    frozen = rule.freeze.holds(ready) if rule.freeze else None
    if frozen:
        reasons.append(frozen.sentence)
    return (frozen.until if frozen else ready), reasons
