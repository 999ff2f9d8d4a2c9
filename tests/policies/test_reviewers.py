"""What `reviewers.yaml` says, read from a folder."""

import pytest

from policies.load import load_policies


def book_of(tmp_path, text):
    (tmp_path / "reviewers.yaml").write_text(text)
    return load_policies(tmp_path)


def test_a_member_belongs_to_a_group_under_all_their_names(tmp_path):
    book = book_of(tmp_path, "groups: {pricing: [ada@x.org, grace]}\npeople: {ada: [ada@x.org, al]}\n")
    assert book.groups == {"pricing": {"ada", "ada@x.org", "al", "grace"}}
    assert [book.listed_as(name) for name in ("AL", "ada", "grace", "zoe")] == ["ada", "ada", "grace", "zoe"]
    assert book.authors(["al", "zoe"]) == {"al", "ada", "zoe"}


@pytest.mark.parametrize(
    ("people", "problem"),
    [
        ("{ada: [a@x.org], zoe: [A@x.org]}", "2:32: 'A@x.org' is ada already, leave it to one of them"),
        ("{ada: [zoe], zoe: [z]}", "2:16: 'zoe' is zoe already, leave it to one of them"),
        ("{ada: a@x.org}", "2:15: 'a@x.org' is not a list, write [a@x.org]"),
    ],
)
def test_no_name_is_two_peoples(tmp_path, people, problem):
    (told,) = book_of(tmp_path, f"groups: {{pricing: [ada]}}\npeople: {people}\n").problems
    assert problem in str(told)
