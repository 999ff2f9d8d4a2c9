"""A team's own tests, run on the candidate and on the champion where there is one."""

from policies.evidence.team_tests import FailedTest, TeamTests, TeamTestsNeed, digest_of_text
from validation.answers import Failed
from validation.exam import Answers, Paper
from validation.holdout import Holdout
from validation.measuring.scores import Unmeasured, blamed
from validation.rows import Rows
from validation.sandbox import Sandbox


def team_tests(
    need: TeamTestsNeed, holdout: Holdout, models: dict[str, Answers], sandbox: Sandbox
) -> TeamTests:
    """What became of the tests, with exactly the text that was run."""
    if need.text is None:
        raise Unmeasured(f"there is no readable file {need.path} beside the policy")
    paper = Paper(
        name=need.path,
        text=need.text,
        holdout=_whole(holdout),
        target=holdout.target_name,
        models=models,
    )
    found = sandbox.examine(paper)
    if isinstance(found, Failed):
        raise blamed(found)
    return TeamTests(
        text=need.text,
        digest=digest_of_text(need.text),
        collected=found.collected,
        passed=found.passed,
        skipped=found.skipped,
        failures=tuple(FailedTest(test=test, message=message) for test, message in found.failures),
    )


def _whole(holdout: Holdout) -> Rows:
    """Inputs and target side by side, as in the file; rows without a target are left out."""
    return holdout.inputs.assign(**{holdout.target_name: holdout.target})
