import pytest

from policies.load import load_policies, load_policy
from policies.parse import parse_defaults, parse_policy
from policies.problems import PolicyInvalid
from registry.words import Stage
from tests.policies.made import SMALLEST

DEFAULTS = """\
owners: [platform]
mode: audit
datasets:
  holdout: {uri: shared.csv, target: y}
  fresh: {uri: fresh.csv, target: y}
transitions:
  - to: Production
    approvals: [{from: [risk]}]
    soak: 24h
    freeze: {timezone: UTC, windows: [{from: "Fri 15:00", to: "Mon 09:00"}]}
    on_fail: [{transition: archived}]
"""
BARE = SMALLEST.replace("    approvals: 1\n", "")


@pytest.fixture
def folder(tmp_path):
    """Writes policies, each in a folder of its own, and the defaults beside them."""

    def write(defaults=DEFAULTS, **policies):
        for name, text in policies.items():
            (tmp_path / name).mkdir()
            (tmp_path / name / "policy.yaml").write_text(text)
        if defaults is not None:
            (tmp_path / "defaults.yaml").write_text(defaults)
        return tmp_path

    return write


def test_what_a_policy_leaves_out_comes_from_the_defaults(folder):
    book = load_policies(folder(a=BARE))
    assert not book.problems
    policy = book.policies[0]
    rule = policy.transitions[0]
    assert (policy.owners, policy.mode) == (("platform",), "audit")
    assert [str(entry) for entry in rule.approvals] == ["risk (1)"]
    assert rule.soak
    assert rule.freeze
    assert [step.step().target for step in rule.on_fail] == ["Archived"]
    assert [step.step().target for step in rule.on_pass] == ["Production"]


def test_a_policys_own_key_beats_the_default_as_a_whole(folder):
    own = BARE + "    approvals: 0\nmode: enforce\ndatasets: {holdout: {uri: own.csv, target: z}}\n"
    policy = load_policies(folder(a=own)).policies[0]
    assert policy.mode == "enforce"
    assert policy.transitions[0].approvals == ()
    assert {name: data.uri for name, data in policy.datasets.items()} == {
        "holdout": "own.csv",
        "fresh": "fresh.csv",
    }


def test_terms_are_for_transitions_to_their_stage_only(folder):
    entry = BARE.replace("transitions:\n", "transitions:\n  - {from: none, to: staging}\n")
    policy = load_policies(folder(a=entry)).policies[0]
    assert policy.rule_to(Stage.STAGING).approvals == ()
    assert policy.rule_to(Stage.PRODUCTION).approvals


def test_the_digest_covers_the_defaults(folder):
    root = folder(a=BARE)
    before = load_policies(root).policies[0]
    (root / "defaults.yaml").write_text(DEFAULTS + "# changed\n")
    after = load_policies(root).policies[0]
    (root / "defaults.yaml").unlink()
    without = load_policies(root).policies[0]
    assert len({before.digest, after.digest, without.digest}) == 3
    assert without.text == BARE


def test_the_recorded_text_is_the_whole_policy_again(folder):
    policy = load_policies(folder(a=BARE)).policies[0]
    again = parse_policy(policy.text, file="from the ledger")
    assert again.model_dump() == policy.model_dump()
    assert (again.text, again.digest) == (policy.text, policy.digest)


def test_one_file_alone_finds_the_defaults_above_it(folder):
    root = folder(a=BARE)
    assert load_policy(root / "a" / "policy.yaml").digest == load_policies(root).policies[0].digest


@pytest.mark.parametrize(
    ("defaults", "problem"),
    [
        ("owners: pricing", ":1:9: 'pricing' is not a list, write [pricing]"),
        ("models: [m]", ":1:1: unknown key 'models', did you mean 'mode'?"),
        ("transitions: []", ":1:14: nothing stands here, write at least one"),
        ("transitions: [{to: productoin}]", ":1:20: no stage 'productoin', did you mean 'production'?"),
        ("transitions: [{to: production, gates: []}]", ":1:32: unknown key 'gates'"),
        ("transitions: [{approvals: 1}]", ":1:15: 'to' is missing, add it"),
        ("transitions: [{to: staging}, {to: Staging}]", ":1:35: an earlier entry is for staging too"),
        ("owners: ['${WHO}']", ":1:10: '${WHO}' is not filled in here"),
        ("mode: audit\n\towners: [a]", ":2:1: a tab indents this line"),
        ("", ":1:1: the file is empty"),
    ],
)
def test_broken_defaults_are_told_and_no_policy_is_judged_without_them(folder, defaults, problem):
    root = folder(defaults, a=BARE)
    book = load_policies(root)
    assert f"{root}/defaults.yaml{problem}" in str(book.problems[0])
    assert not book.policies
    with pytest.raises(PolicyInvalid, match=r"defaults\.yaml"):
        book.for_model("taxi-fare")
    assert book.for_model("bus") is None


def test_a_link_that_leads_nowhere_is_not_passed_over(folder):
    root = folder(None, a=BARE)
    (root / "defaults.yaml").symlink_to(root / "nowhere")
    assert "cannot be read" in str(load_policies(root).problems[0])


def test_defaults_below_the_top_are_a_problem(folder):
    root = folder(None, a=BARE)
    (root / "a" / "defaults.yaml").write_text(DEFAULTS)
    assert f"{root}/a/defaults.yaml:1:1: defaults count at the top only" in str(
        load_policies(root).problems[0]
    )


def test_a_policy_with_problems_of_its_own_tells_them_at_its_own_places(folder):
    root = folder(a=BARE.replace("rmse", "rsme"))
    assert f"{root}/a/policy.yaml:7:18: no metric 'rsme'" in str(load_policies(root).problems[0])


@pytest.mark.parametrize("text", ["- a", "just words", "transitions: 5", "transitions: [5]", "datasets: 5"])
def test_what_is_no_policy_is_none_on_defaults_either(text):
    defaults = parse_defaults(DEFAULTS, file="d")
    with pytest.raises(PolicyInvalid):
        parse_policy(text, file="f", defaults=defaults)
