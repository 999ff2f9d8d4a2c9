"""Why there is no figure of rows on Spark: a model's failure, too few rows, or Spark's own. Pure."""

from collections.abc import Mapping, Sequence

from policies.evidence.gap import Gap
from policies.evidence.kinds import Finding
from validation.answers import Failed
from validation.blockwise.question import Question
from validation.blockwise.tally import Tally
from validation.spark.executor import HOLDOUT
from validation.spark.far import FarHoldout


def gaps_of(questions: Sequence[Question], failed: Mapping[str, Failed]) -> dict[str, Finding]:
    """What a failure leaves unsaid. The champion's costs only what is held against it."""
    gaps: dict[str, Finding] = {}
    for each in questions:
        if (of_data := failed.get(HOLDOUT)) is not None:
            gaps[each.need.key] = Gap(reason=of_data.reason)
        elif (ours := failed.get("candidate")) is not None:
            gaps[each.need.key] = Gap(reason=f"the candidate {ours.reason}", fault=ours.fault)
        elif (theirs := failed.get("champion")) is not None and each.need.against_champion:
            gaps[each.need.key] = Gap(reason=f"the champion could not be scored: it {theirs.reason}")
    return gaps


def too_few(far: FarHoldout, sound: Tally) -> Gap | None:
    """Where fewer rows can be judged than the policy asks for."""
    rows = max((int(cell.added[:, 0].sum()) for cell in sound.values()), default=0)
    if rows >= max(1, far.min_rows):
        return None
    left_out = (
        f" ({far.total - rows:,} without a number in '{far.target}' left out)" if far.total > rows else ""
    )
    what = f"{far.shown} has {rows:,} rows to judge{left_out}, {far.min_rows:,} are needed"
    return Gap(reason=f"data set '{far.name}' could not be read: {what}")


def told(error: Exception) -> str:
    """Spark's own failure in a line: of a long trace the last error."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    own = next((line for line in reversed(lines) if "Error" in line and not line.startswith("at ")), "")
    return " ".join(f"{type(error).__name__}: {own or ' '.join(lines[:2])}".split())[:500]
