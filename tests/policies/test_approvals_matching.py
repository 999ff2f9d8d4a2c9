from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from policies.approvals import groups_of, unfilled
from policies.language import ApprovalRule

PEOPLE = ["ada", "grace", "linus", "zoe"]
NAMES = st.lists(st.sampled_from(PEOPLE), unique=True)
GROUPS = st.fixed_dictionaries({g: st.frozensets(st.sampled_from(PEOPLE)) for g in "abc"})
ENTRIES = st.lists(
    st.builds(
        lambda count, groups: ApprovalRule.model_validate({"count": count, "from": groups}),
        st.integers(1, 2),
        st.lists(st.sampled_from("abc"), unique=True),
    ),
    max_size=3,
)


def most_seated(names, entries, groups):
    """The truth by trying every order of people, each taking the next place in line or none."""
    places = [entry for entry in entries for _ in range(entry.count)]
    padded = names + [None] * len(places)

    def fits(name, entry):
        return name and (not entry.groups or any(name in groups[g] for g in entry.groups))

    return max(
        sum(bool(fits(name, place)) for name, place in zip(order, places, strict=False))
        for order in set(permutations(padded, len(places)))
    )


def missing_of(names, entries, groups):
    return unfilled({name: groups_of(name, groups) for name in names}, entries)


@given(NAMES, ENTRIES, GROUPS)
def test_as_many_places_are_filled_as_can_be(names, entries, groups):
    places = sum(entry.count for entry in entries)
    missing = sum(entry.count for entry in missing_of(names, entries, groups))
    assert places - missing == most_seated(names, entries, groups)


@given(NAMES, ENTRIES, GROUPS, st.randoms())
def test_the_order_of_votes_never_matters(names, entries, groups, random):
    shuffled = random.sample(names, len(names))
    assert missing_of(shuffled, entries, groups) == missing_of(names, entries, groups)
