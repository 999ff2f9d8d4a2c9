"""The most memory that the candidate's process held."""

from policies.evidence.memory import Memory, MemoryNeed
from validation.answers import Failed
from validation.measuring.scores import Scores, Unmeasured, blamed


def memory(_: MemoryNeed, scores: Scores) -> Memory:
    """As it was watched from outside, while the model was loaded and answered everything."""
    if isinstance(scores.candidate.loading, Failed):
        raise blamed(scores.candidate.loading)
    if failed := next((s for s in scores.candidate.scores.values() if isinstance(s, Failed)), None):
        raise blamed(failed)
    if scores.candidate.memory_bytes is None:
        raise Unmeasured("how much memory the candidate held cannot be told on this kind of system")
    return Memory(bytes=scores.candidate.memory_bytes)
