"""When the demo's story cannot go on as it must."""

from datetime import UTC, datetime

import pytest

from gatehouse.demo.story import is_dead_end
from ledger.judgements import Judgement
from policies.verdicts import Answer, Decision, Evaluation, Transition
from registry.words import Stage


def judged(to_stage, answer):
    from_stage = Stage.STAGING if to_stage is Stage.PRODUCTION else Stage.NONE
    evaluation = Evaluation(
        policy="p", policy_digest="1", evidence_digest="2", verdicts=(),
        transition=Transition(from_stage=from_stage, to_stage=to_stage),
    )  # fmt: skip
    return Judgement(1, "m", 1, evaluation, Decision(answer=answer, reasons=()), datetime.now(UTC))


@pytest.mark.parametrize(
    ("to_stage", "answer", "wanted", "over"),
    [
        pytest.param(Stage.STAGING, "promote", "promote", False, id="past the entry gates, on its way"),
        pytest.param(Stage.STAGING, "reject", "promote", True, id="turned away at the entry"),
        pytest.param(Stage.STAGING, "reject", "reject", True, id="turned away before it was compared"),
        pytest.param(Stage.PRODUCTION, "reject", "promote", True, id="rejected instead of promoted"),
        pytest.param(Stage.PRODUCTION, "ask", "promote", False, id="people are asked first"),
        pytest.param(Stage.PRODUCTION, "promote", "ask", True, id="promoted unasked"),
        pytest.param(Stage.PRODUCTION, "promote", "reject", True, id="promoted instead of rejected"),
        pytest.param(Stage.PRODUCTION, "hold", "promote", False, id="held, and tried again"),
    ],
)
def test_the_story_waits_only_while_its_answer_can_still_come(to_stage, answer, wanted, over):
    assert is_dead_end(judged(to_stage, Answer(answer)), Answer(wanted)) is over
