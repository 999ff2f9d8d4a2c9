"""The overview: every registered model, what is live and in Staging, what waits for whom since when."""

from collections.abc import Callable
from enum import StrEnum

from sqlalchemy.orm import Session

from console.readings.known_models import KnownModel, known_models
from console.readings.model_rows import ModelRow, rows_of
from ledger.holds import all_in_force
from registry.words import Value

PAGE = 50


class Show(StrEnum):
    """Which models are shown."""

    ALL = "all"
    ASKED = "asked"
    HELD = "held"
    LIVE = "live"
    NONE_LIVE = "none-live"
    TROUBLE = "trouble"


class Overview(Value):
    """One page of models; `counts` says how many each filter would show."""

    rows: tuple[ModelRow, ...]
    show: Show
    q: str
    counts: dict[Show, int]
    found: int
    page: int
    pages: int
    hold: str | None
    """By whom and why no version of any model is moved now."""


FILTERS: dict[Show, Callable[[KnownModel], bool]] = {
    Show.ALL: lambda _: True,
    Show.ASKED: lambda known: bool(known.asked),
    Show.HELD: lambda known: known.hold is not None or len(known.waiting) > len(known.asked),
    Show.LIVE: lambda known: known.live > 0,
    Show.NONE_LIVE: lambda known: known.live == 0,
    Show.TROUBLE: lambda known: known.trouble is not None or known.live > 1,
}


def overview(session: Session, *, show: Show = Show.ALL, q: str = "", page: int = 1) -> Overview:
    """One page; `q` is looked for in models' names and in the names of those asked."""
    matching = [known for known in known_models(session) if _matches(known, q)]
    chosen = sorted(filter(FILTERS[show], matching), key=lambda known: known.rank)
    pages = max(1, -(-len(chosen) // PAGE))
    page = min(max(page, 1), pages)
    hold = next((held for held in all_in_force(session) if held.model is None), None)
    return Overview(
        rows=rows_of(session, chosen[(page - 1) * PAGE : page * PAGE]),
        show=show,
        q=q,
        counts={one: sum(map(fits, matching)) for one, fits in FILTERS.items()},
        found=len(chosen),
        page=page,
        pages=pages,
        hold=str(hold) if hold else None,
    )


def _matches(known: KnownModel, q: str) -> bool:
    wanted = q.strip().casefold()
    asked = (group for one in known.waiting for group in one.asked)
    return wanted in known.name.casefold() or any(wanted in group.casefold() for group in asked)
