"""Rings the workers from the console's process; the queue's libraries are loaded at the first ring."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workers.bell import Bell


def ring() -> None:
    """Ask for a look; returns at once, and where nobody hears it the sweep finds the work."""
    from workers.queue import LOOK

    _bell().ring(LOOK)


@cache
def _bell() -> "Bell":
    from workers.bell import celery_bell
    from workers.settings import QueueSettings

    return celery_bell(QueueSettings().redis_url)
