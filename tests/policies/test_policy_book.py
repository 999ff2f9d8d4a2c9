import os

import pytest

from policies.broken import Broken
from policies.load import load_policies, load_policy
from policies.problems import PolicyInvalid
from tests.policies.made import SMALLEST


def text_for(name, *models, more=""):
    return (
        SMALLEST.replace("policy: taxi-fare", f"policy: {name}").replace("[taxi-fare]", repr(list(models)))
        + more
    )


@pytest.fixture
def folder(tmp_path):
    """Writes files below a folder by their names."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/")
            path = path.with_name(f"{path.name}.yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def test_policies_are_found_in_folders_and_at_the_top(folder):
    book = load_policies(
        folder(
            fare__policy=text_for("fare", "fare"),
            deep__er__policy=text_for("deeper", "deep"),
            top=text_for("top", "top"),
            fare__cases="cases: []",
            top__x="not: a policy",
            reviewers="groups: {pricing: [ada, grace]}",
            hidden__y="",
        )
    )
    assert not book.problems
    assert sorted(policy.name for policy in book.policies) == ["deeper", "fare", "top"]
    assert book.groups == {"pricing": {"ada", "grace"}}


def test_second_copies_that_kubernetes_keeps_are_passed_over(folder):
    root = folder(fare__policy=text_for("fare", "fare"))
    (root / "..2026").mkdir()
    (root / "..2026" / "policy.yaml").write_text(text_for("fare", "fare"))
    assert not load_policies(root).problems


@pytest.mark.parametrize(
    ("model", "policy"),
    [
        ("taxi-fare", "exact"),
        ("taxi-fare-night", "near"),
        ("taxi-tip", "far"),
        ("Taxi-fare", None),
        ("bus", None),
        ("taxi-farewell", "near"),
    ],
)
def test_the_nearest_claim_rules_a_model(folder, model, policy):
    book = load_policies(
        folder(
            a=text_for("far", "taxi-*"), b=text_for("near", "taxi-fare*"), c=text_for("exact", "taxi-fare")
        )
    )
    found = book.for_model(model)
    assert (found and found.name) == policy


@pytest.mark.parametrize("pattern", ["fare", "fare*"])
def test_two_policies_claiming_one_model_are_both_named(folder, pattern):
    root = folder(a=text_for("one", "other", pattern), b=text_for("two", pattern))
    book = load_policies(root)
    assert [str(problem) for problem in book.problems] == [
        f"{root}/b.yaml:2:10: '{pattern}' is claimed by {root}/a.yaml:2 too, take it out of one of them"
    ]
    with pytest.raises(PolicyInvalid, match="claimed just as nearly"):
        book.for_model("fare")
    assert book.for_model("other").name == "one"


def test_globs_that_only_meet_at_one_name_are_refused_there(folder):
    book = load_policies(folder(a=text_for("one", "fare-*"), b=text_for("two", "fare-?")))
    assert not book.problems
    assert book.for_model("fare-12").name == "one"
    with pytest.raises(PolicyInvalid, match="the model 'fare-1' is claimed just as nearly by"):
        book.for_model("fare-1")


def test_two_policies_of_one_name_are_a_problem(folder):
    root = folder(a=text_for("same", "x"), b=text_for("same", "y"))
    assert f"{root}/b.yaml:1:9: {root}/a.yaml:1 is called 'same' too" in str(load_policies(root).problems[0])


BROKEN = {
    "misspelt gate": text_for("fare", "fare").replace("rmse", "rsme"),
    "misspelt models": text_for("fare", "fare").replace("models", "modles"),
    "no YAML": text_for("fare", "fare") + "}}}",
    "list of lines": "policy: x\nmodels:\n  # ours\n  - fare # all of it\n  - 'other'\ntransitions: [",
    "tab": "models: [fare]\n\tpolicy: x",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_stops_its_own_model_and_no_other(folder, text):
    book = load_policies(folder(broken=text, lax=text_for("lax", "*"), sound=text_for("sound", "bus")))
    assert book.problems
    with pytest.raises(PolicyInvalid) as caught:
        book.for_model("fare")
    assert set(caught.value.problems) == set(book.problems)
    assert book.for_model("bus").name == "sound"
    assert book.for_model("tram").name == "lax"


def test_a_broken_glob_yields_to_a_sound_exact_name(folder):
    book = load_policies(folder(broken=text_for("b", "fare*") + "x: 1", sound=text_for("s", "fare")))
    assert book.for_model("fare").name == "s"
    with pytest.raises(PolicyInvalid):
        book.for_model("fare-2")


def test_a_broken_file_beside_a_sound_one_of_the_same_claim_is_not_overruled(folder):
    book = load_policies(folder(broken=text_for("b", "fare") + "x: 1", sound=text_for("s", "fare")))
    with pytest.raises(PolicyInvalid, match="unknown key 'x'"):
        book.for_model("fare")


def test_words_elsewhere_in_a_broken_file_claim_nothing():
    assert Broken("f", "policy: a\nmodels: [x, 'y-*'] # z\nowners: [b]", ()).models == ("x", "y-*")


def test_an_empty_file_is_a_problem_and_no_more(folder):
    book = load_policies(folder(empty="", sound=text_for("sound", "bus")))
    assert [problem.what for problem in book.problems] == ["the file is empty"]
    assert book.for_model("bus").name == "sound"


def test_a_missing_folder_is_a_problem(tmp_path):
    book = load_policies(tmp_path / "nowhere")
    assert [problem.what for problem in book.problems] == ["there is no such folder"]
    assert book.for_model("fare") is None


def test_an_unreadable_file_is_a_problem(tmp_path):
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(PolicyInvalid, match="cannot be read"):
        load_policy(tmp_path / "gone.yaml")


def test_a_group_that_reviewers_do_not_know_is_a_problem(folder):
    policy = SMALLEST.replace("approvals: 1", "approvals: [{from: [pricng]}]")
    book = load_policies(folder(a=policy, reviewers="groups: {pricing: [ada]}"))
    assert str(book.problems[0]).endswith(
        "a.yaml:9:25: no group 'pricng' of reviewers, did you mean 'pricing'?"
    )


def test_broken_reviewers_are_a_problem_and_nobody_is_one(folder):
    book = load_policies(folder(a=SMALLEST, reviewers="groups: [ada]"))
    assert "is not a mapping (name: value)" in str(book.problems[0])
    assert book.groups == {}
    assert book.for_model("taxi-fare").name == "taxi-fare"


GOLD = {"tier": "gold"}


@pytest.mark.parametrize(
    ("model", "tags", "policy"),
    [
        pytest.param("fare-1", {}, "fares", id="no tags"),
        pytest.param("fare-1", GOLD, "gold fares", id="with tags beats without"),
        pytest.param("fare-1", GOLD | {"team": "a"}, "gold fares of a", id="more tags beat fewer"),
        pytest.param("fare-1", {"tier": "silver"}, "fares", id="another value"),
        pytest.param("fare", GOLD, "fare", id="a name beats a pattern with tags"),
        pytest.param("bus", GOLD, "gold", id="any model so tagged"),
        pytest.param("bus", {}, None, id="nobody's"),
    ],
)
def test_tags_of_the_model_choose_among_equal_claims(folder, model, tags, policy):
    gold, ours = "tagged: {tier: gold}\n", "tagged: {tier: gold, team: a}\n"
    book = load_policies(
        folder(
            a=text_for("fares", "fare-*"),
            b=text_for("gold fares", "fare-*", more=gold),
            c=text_for("gold fares of a", "fare-*", more=ours),
            d=text_for("fare", "fare"),
            e=text_for("gold", "*", more=gold),
        )
    )
    assert not book.problems
    found = book.for_model(model, lambda: tags)
    assert (found and found.name) == policy


def test_two_policies_that_ask_for_equally_many_tags_are_both_named(folder):
    root = folder(
        a=text_for("one", "fare-*", more="tagged: {tier: gold}"),
        b=text_for("two", "fare-*", more="tagged: {team: a}"),
    )
    book = load_policies(root)
    assert book.for_model("fare-1", lambda: GOLD).name == "one"
    with pytest.raises(PolicyInvalid, match="claimed just as nearly") as caught:
        book.for_model("fare-1", lambda: GOLD | {"team": "a"})
    assert all(f"{name}.yaml" in str(caught.value) for name in "ab")


def test_the_same_pattern_with_the_same_tags_is_a_problem(folder):
    more = "tagged: {tier: gold}\n"
    root = folder(a=text_for("one", "fare-*", more=more), b=text_for("two", "fare-*", more=more))
    assert "'fare-*' is claimed by" in str(load_policies(root).problems[0])


def test_without_anyone_to_ask_for_tags_nobody_guesses(folder):
    book = load_policies(
        folder(a=text_for("one", "fare-*", more="tagged: {tier: gold}"), b=text_for("two", "fare-1"))
    )
    assert book.for_model("fare-1").name == "two"
    with pytest.raises(PolicyInvalid, match="hangs on the tags of the model, which are not known here"):
        book.for_model("fare-2")


def test_a_broken_file_may_have_asked_for_any_tags(folder):
    book = load_policies(
        folder(a=text_for("one", "fare-*", more="tagged: {tier: gold}"), b=text_for("b", "fare-*") + "x: 1")
    )
    with pytest.raises(PolicyInvalid, match="unknown key 'x'"):
        book.for_model("fare-1", lambda: GOLD)


@pytest.mark.parametrize(
    ("tagged", "problem"),
    [
        ("{}", "nothing stands here, write at least one"),
        ("[gold]", "a list is not a mapping"),
        ("{tier: 1}", "'1' is not a text, write \"1\" in quotes"),
        ("{tier: }", "nothing stands here, write a text"),
    ],
)
def test_bad_tags_are_told(folder, tagged, problem):
    book = load_policies(folder(a=text_for("one", "x", more=f"tagged: {tagged}")))
    assert problem in str(book.problems[0])


@pytest.mark.parametrize("kind", ["pipe", "dangling"])
def test_what_is_no_file_is_a_problem_and_not_passed_over(tmp_path, kind):
    path = tmp_path / "policy.yaml"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(tmp_path / "nowhere")
    (problem,) = load_policies(tmp_path).problems
    assert "this is no plain file" in problem.what or "the file cannot be read" in problem.what
