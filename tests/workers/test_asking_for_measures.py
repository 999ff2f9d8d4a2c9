"""What is measured of a case: nothing that cannot be, or a first version's approvals would never count."""

from datetime import UTC, datetime

import pytest

from policies.parse import parse_policy
from registry.memory import MemoryRegistry, Seed
from workers.case import case_of
from workers.gather import asked

TEXT = """\
policy: p
models: [m]
transitions:
  - from: staging
    to: production
    gates: [{metric: rmse, max: 5}, {metric: mae, compared_to: champion, margin: 2%}]
"""
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("versions", "keys"),
    [
        pytest.param(1, ["rmse on holdout"], id="first"),
        pytest.param(2, ["rmse on holdout", "mae against champion on holdout"], id="with a champion"),
    ],
)
def test_nothing_is_measured_against_a_champion_that_is_not_there(versions, keys):
    registry, policy = MemoryRegistry(lambda: NOW), parse_policy(TEXT, file="p.yaml")
    for _ in range(versions):
        registry.register("m", Seed())
    if versions > 1:
        registry.transition("m", 1, policy.transitions[0].to_stage)
    case = case_of(registry, policy, policy.transitions[0], registry.version("m", versions))
    assert [need.key for need in asked(case, NOW)] == keys
