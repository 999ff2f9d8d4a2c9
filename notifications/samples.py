"""What each template is worded from, as samples: its fields, which the docs list, and values to try it on."""

from collections.abc import Mapping
from typing import Any

DECISION = tuple(
    {
        "model": "taxi-fare",
        "version": 3,
        "from_stage": "Staging",
        "to_stage": "Production",
        "said": ("3 of 3 gates passed.",),
        "reasons": ("3 of 3 gates passed.",),
        "moves": moves,
        "champion": champion,
        "asked": asked,
        "until": until,
        "gates": ({"gate": "accuracy", "outcome": "pass", "sentence": "rmse was 4.20"},),
        "figures": ({"metric": "rmse", "candidate": "4.20", "champion": "4.35"},),
        "policy": "taxi-fare",
    }
    for moves, champion, asked, until in (
        (True, 2, ("pricing (1)",), "Sat 28 Nov 2026 12:00 UTC"),
        (False, None, (), None),
    )
)
"""What a message of a decision is worded from."""
SAMPLES: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    **dict.fromkeys(("asked", "promoted", "rejected", "held", "reminded", "escalated", "expired"), DECISION),
    "requested": tuple(facts | {"request": "please have a look"} for facts in DECISION),
    "hold": tuple(
        {
            "model": model,
            "verb": verb,
            "by": "ada",
            "reason": "an incident",
            "command": "gatehouse resume --all",
        }
        for model, verb in (("taxi-fare", "hold"), (None, "resume"))
    ),
    "voided": tuple(
        {"model": "taxi-fare", "version": 3, "reviewers": reviewers, "changed": ("the champion is another",)}
        for reviewers in (("ada",), ("ada", "grace"))
    ),
    "override": (
        {
            "model": "taxi-fare",
            "version": 3,
            "by": "ada",
            "reason": "fares of 0 since noon",
            "said": ("promoted over the gate's head by ada: fares of 0 since noon",),
        },
    ),
    "unguarded": ({"model": "taxi-fare", "version": 3},),
    "problem": tuple(
        {"model": "taxi-fare", "version": version, "sentence": "two policies claim it"}
        for version in (3, None)
    ),
}
"""What each kind of message is worded from; each template is tried on all of its kind at the start."""
