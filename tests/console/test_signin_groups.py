"""Who is a reviewer at all: by the file, by any of their names, by what a provider claims."""

import pytest

from console.signin.groups import Reviewers
from policies.load import load_policies

POLICY = """
policy: fares
description: fares
owners: [pricing]
models: [taxi]
transitions:
  - {from: staging, to: production, gates: [{signature: required}], approvals: APPROVALS}
"""
PEOPLE = """
groups: {risk: [Ada], pricing: [grace]}
people: {Ada: [ada@example.org, a.lovelace]}
"""


@pytest.fixture
def read(tmp_path):
    def reviewers(approvals, people=""):
        (tmp_path / "fares.yaml").write_text(POLICY.replace("APPROVALS", approvals), encoding="utf-8")
        if people:
            (tmp_path / "reviewers.yaml").write_text(people, encoding="utf-8")
        return Reviewers.of(load_policies(tmp_path))

    return reviewers


@pytest.mark.parametrize(
    ("name", "claimed", "groups"),
    [
        ("ADA ", set(), {"risk"}),
        ("ada@example.org", set(), {"risk"}),
        ("A.Lovelace", {"everyone"}, {"risk"}),
        ("grace", {"risk"}, {"pricing", "risk"}),
        ("mallory", {"everyone"}, set()),
    ],
)
def test_groups_are_the_files_and_those_claimed_that_policies_know(read, name, claimed, groups):
    reviewers = read("[{from: [risk], count: 1}]", PEOPLE)
    found = reviewers.groups_of(name, frozenset(claimed))
    assert found == groups
    assert reviewers.is_reviewer(found) is bool(groups)


def test_where_no_policy_knows_groups_everybody_who_signed_in_may_review(read):
    reviewers = read("1")
    assert reviewers.is_reviewer(reviewers.groups_of("anyone", frozenset({"everyone"})))


def test_while_the_file_cannot_be_read_nobody_is_in_a_group_by_it(read):
    reviewers = read("[{from: [risk], count: 1}]", "groups: [")
    assert not reviewers.is_reviewer(reviewers.groups_of("Ada", frozenset()))
    assert reviewers.is_reviewer(reviewers.groups_of("Ada", frozenset({"risk"})))
