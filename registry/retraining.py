"""The words by which the gate asks a trainer for a new candidate, and by which it finds what came of it.

The gate sends the task `TRAIN` to the queue `TRAINING`, with the keywords `model`, `request` and `why`. Redis
may lose or double it. Whoever trains tags the run with the request, so that the registry says what was done.
"""

from typing import Final

from registry.events import OWN_TAGS

TRAINING: Final = "training"
"""Queue of the trainers."""
TRAIN: Final = "training.train"
"""Name of their task."""

REQUEST_TAG: Final = f"{OWN_TAGS}request"
"""Tag of a run: the request that it was made for."""
ALIVE_TAG: Final = f"{OWN_TAGS}alive"
"""Tag of a run: when its trainer was last heard of, in whole seconds since 1970, UTC."""
WHY_TAG: Final = f"{OWN_TAGS}why"
"""Tag of a run that failed: why, in a sentence."""
SILENT_S: Final = 900
"""So long a running run may say nothing before its trainer is taken for dead."""
