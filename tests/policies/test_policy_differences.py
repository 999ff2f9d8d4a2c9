import pytest
from pydantic import Field

from policies.differences import differences
from policies.language import Policy
from policies.outline import outline
from policies.parse import parse_policy, typed
from policies.section import Section
from policies.source import read_source

BASE = """\
policy: p
models: [m]
datasets:
  holdout: {uri: a.csv, target: y, min_rows: 500}
transitions:
  - from: staging
    to: production
    gates:
      - {name: accuracy, metric: rmse, max: 5.0}
      - {metric: mae, compared_to: champion, margin: 2%}
    approvals: 1
"""
RULE = "p: transition staging to production"
ACCURACY = f"{RULE}: gate accuracy"
MAE = f"{RULE}: gate mae against champion"


def told(old, new):
    policies = [[parse_policy(text, file="f")] for text in (old, new)]
    return [str(difference) for difference in differences(*policies)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("max: 5.0", "max: 4.5", f"{ACCURACY}: max 5.0 -> 4.5 (stricter)", id="limit lowered"),
        pytest.param("max: 5.0", "max: 6", f"{ACCURACY}: max 5.0 -> 6 (looser)", id="limit raised"),
        pytest.param("max: 5.0", "max: 5.0, min: 1", f"{ACCURACY}: min nothing -> 1 (stricter)", id="limit added"),
        pytest.param("margin: 2%", "margin: -1%", f"{MAE}: margin 2% -> -1% (stricter)", id="margin"),
        pytest.param("margin: 2%", "margin: 2%, confidence: 99%", f"{MAE}: confidence 95% (by default) -> 99%", id="confidence says nothing certain"),
        pytest.param("min_rows: 500", "min_rows: 600", "p: dataset holdout: min_rows 500 -> 600 (stricter)", id="rows"),
        pytest.param("approvals: 1", "approvals: 2", f"{RULE}: approval anyone (2): count 1 -> 2 (stricter)", id="short approvals"),
        pytest.param("approvals: 1", "approvals: [{from: [a]}]", f"{RULE}: approval a (1): from a added", id="approvals"),
        pytest.param("approvals: 1", "first_version: promote\n    approvals: 1", f"{RULE}: first_version ask (by default) -> promote (looser)", id="first version"),
        pytest.param("models: [m]", "models: [m, n-*]", "p: model n-* added", id="model"),
        pytest.param("models: [m]", "models: [m]\nmode: audit", "p: mode enforce (by default) -> audit", id="mode"),
        pytest.param("models: [m]", "models: [m] # ours", "p: only comments or layout; approvals given for the old text are asked for again", id="comment"),
        pytest.param("policy: p", "policy: p\ndescription: new", "p: description nothing -> new", id="description"),
        pytest.param("{name: accuracy, metric", "{name: exactness, metric", f"{RULE}: gate exactness: name accuracy -> exactness", id="gate renamed"),
        pytest.param("approvals: 1", "approvals: 1\n    on_fail: [{notify: author}]", f"{RULE}: on_fail author, {{notify: author}}, added", id="step"),
    ],
)  # fmt: skip
def test_a_change_is_told_in_words(old, new, words):
    assert told(BASE, BASE.replace(old, new)) == [words]


def test_a_gate_that_is_added_or_removed_is_told_in_full():
    lines = BASE.splitlines(keepends=True)
    fewer = "".join(lines[:9] + lines[10:])
    gate = "gate mae against champion, {metric: mae, compared_to: champion, margin: 2%},"
    assert told(fewer, BASE) == [f"{RULE}: {gate} added (stricter)"]
    assert told(BASE, fewer) == [f"{RULE}: {gate} removed (looser)"]


def test_a_first_gate_or_one_that_only_warns_is_not_called_stricter():
    warns = BASE.replace("approvals", "  - {tags: [owner], severity: warn}\n    approvals")
    assert told(BASE, warns)[0].endswith("added")
    bare = "policy: p\nmodels: [m]\ntransitions:\n  - {from: none, to: staging}"
    gated = "policy: p\nmodels: [m]\ntransitions:\n  - {from: none, to: staging, gates: [{tags: [a]}]}"
    assert told(bare, gated)[0].endswith("added")


def test_limits_of_different_things_are_not_held_against_each_other():
    assert told(BASE, BASE.replace("metric: rmse, max: 5.0", "metric: max_error, max: 50")) == [
        f"{ACCURACY}: max 5.0 -> 50",
        f"{ACCURACY}: metric rmse -> max_error",
    ]


def test_of_a_gate_that_only_warns_nothing_is_stricter_but_that_it_blocks():
    warns = BASE.replace("max: 5.0", "max: 5.0, severity: warn")
    assert told(warns, BASE.replace("5.0", "6.0")) == [
        f"{ACCURACY}: severity warn -> block (by default)",
        f"{ACCURACY}: max 5.0 -> 6.0",
    ]
    assert told(warns, BASE) == [f"{ACCURACY}: severity warn -> block (by default) (stricter)"]


def test_another_kind_under_the_same_name_is_told_as_a_whole():
    other = BASE.replace("metric: rmse, max: 5.0", "logged_metric: rmse, max: 5.0")
    assert told(BASE, other) == [
        f"{ACCURACY}: {{name: accuracy, metric: rmse, max: 5.0}} -> {{name: accuracy, logged_metric: rmse, max: 5.0}}"
    ]


def test_the_order_of_gates_and_of_keys_is_no_difference_but_of_layout():
    lines = BASE.splitlines(keepends=True)
    turned = "".join([*lines[:8], lines[9], lines[8], *lines[10:]])
    assert "only comments or layout" in told(BASE, turned)[0]


def test_policies_come_and_go_by_name():
    renamed = [parse_policy(BASE.replace("policy: p", "policy: q"), file="f")]
    found = differences([parse_policy(BASE, file="f")], renamed)
    assert [str(one) for one in found] == ["p: policy removed", "q: policy added"]


def test_nothing_is_told_of_what_is_the_same():
    assert told(BASE, BASE) == []


class Nap(Section):
    zone: str = Field(description="Whose clock.")
    days: tuple[str, ...] = Field((), description="Which days.")


class Sleepy(Policy):
    nap: Nap | None = Field(None, description="When nothing happens.")


def sleepy(more):
    return typed(Sleepy, read_source(BASE + more, "f"), [])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("", "nap: {zone: UTC}", "p: nap nothing -> {zone: UTC}"),
        ("nap: {zone: UTC}", "nap: {zone: EST}", "p: nap: zone UTC -> EST"),
        ("nap: {zone: UTC, days: [Mon]}", "nap: {zone: UTC, days: [Mon, Tue]}", "p: nap: day Tue added"),
    ],
    ids=["added", "changed", "list within"],
)
def test_a_section_within_a_section_is_told_key_by_key(old, new, words):
    assert [str(one) for one in differences([sleepy(old)], [sleepy(new)])] == [words]


def test_a_section_within_a_section_is_told_key_by_key_on_a_page():
    told = outline(sleepy("nap: {zone: UTC, days: [Mon]}"))
    (part,) = [part for part in told.parts if part.key == "nap"]
    points = [(point.name, point.written, point.means) for point in part.points]
    assert points == [("zone", "UTC", "Whose clock."), ("days", "[Mon]", "Which days.")]
