import math

import pytest

from policies.problems import PolicyInvalid
from policies.source import MAX_BYTES, read_source


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("2026-12-18", "2026-12-18"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("5", 5),
        ("-5", -5),
        ("007", 7),
        ("0o17", 15),
        ("0xff", 255),
        ("5.0", 5.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.inf", -math.inf),
        ("1e999", math.inf),
        ("9" * 5000, math.inf),
        ("2%", "2%"),
        ("true", True),
        ("yes", "yes"),
        ("~", None),
        ("", None),
        ('"5"', "5"),
        ("'no'", "no"),
        ("<<", "<<"),
        ("${X}", "${X}"),
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(text, value):
    data = read_source(f"key: {text}\n", "f").root.value
    assert data == {"key": value}
    assert type(data["key"]) is type(value)


def test_every_node_keeps_its_place_and_its_keys_place():
    source = read_source("a: 1\nb:\n  - {c: x, dd: y}\n  - z\n", "f")
    assert source.root.value == {"a": 1, "b": [{"c": "x", "dd": "y"}, "z"]}
    assert source.place(("b", 0, "dd")) == (3, 16)
    assert source.place(("b", 0, "dd"), on_key=True) == (3, 12)
    assert source.place(("b", 1)) == (4, 5)


def test_a_missing_path_stands_where_its_nearest_ancestor_does():
    source = read_source("a:\n  b: 1\n", "f")
    assert source.place(("a", "missing", "deeper")) == (2, 3)


def test_columns_count_characters_not_bytes():
    assert read_source("é: {ü: x}", "f").place(("é", "ü")) == (1, 8)


def test_a_byte_order_mark_is_no_part_of_the_text():
    assert read_source(b"\xef\xbb\xbfa: 1", "f").root.value == {"a": 1}


BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param("", "f:1:1: the file is empty", id="empty"),
        pytest.param("  \n# only a comment\n\n", "f:1:1: the file is empty", id="comment only"),
        pytest.param("a: [1, 2\n", "f:2:1: not YAML:", id="unclosed bracket"),
        pytest.param("a: b: c", "f:1:5: not YAML: mapping values", id="two colons"),
        pytest.param("a:\n\tb: 1\n", "f:2:1: a tab indents this line, indent with spaces", id="tab"),
        pytest.param("a: {b: #c}\n", "f:1:8: a '#' starts a comment", id="hidden by comment"),
        pytest.param("a: \x07", "f:1:4: not YAML: control characters", id="control character"),
        pytest.param(b"\xff\xfea", "f:1:1: the file is not UTF-8 text (byte 0)", id="UTF-16"),
        pytest.param(b"a: " + b"x" * MAX_BYTES, "f:1:1: the file is larger than 1 MB", id="over-large"),
        pytest.param("[" * 100_000, "f:1:32: this is nested too deeply", id="deep nesting"),
        pytest.param("{a: " * 10_000, "this is nested too deeply", id="deep mappings"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_place(text, first):
    with pytest.raises(PolicyInvalid) as caught:
        read_source(text, "f")
    assert first in str(caught.value).splitlines()[0]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param(
            "a: 1\nb: 2\na: 3",
            ["f:3:1: the key 'a' stands twice, keep one; the first is on line 1"],
            id="key",
        ),
        pytest.param("a: &x 1\nb: *x", ["f:1:4: '&x' names", "f:2:4: '*x' repeats"], id="alias"),
        pytest.param("a: &x [*x]", ["f:1:4: '&x' names", "f:1:8: '*x' repeats"], id="alias of itself"),
        pytest.param("a: !!int '5'", ["f:1:4: the tag tag:yaml.org,2002:int is not allowed"], id="tag"),
        pytest.param("a: !!python/name:os.system x", ["f:1:4: the tag"], id="python tag"),
        pytest.param("a: 1\n---\nb: 2", ["f:2:1: a second document starts here"], id="two documents"),
        pytest.param("? [a, b]\n: 1", ["f:1:3: a key must be plain text"], id="list as key"),
    ],
)
def test_what_yaml_allows_and_policies_do_not_is_noted_and_read_on(text, problems):
    found = [str(problem) for problem in read_source(text, "f").problems]
    assert len(found) == len(problems)
    assert all(line.startswith(start) for line, start in zip(found, problems, strict=True))


def test_a_yaml_bomb_does_not_unfold():
    source = read_source(BOMB, "f")
    assert source.root.value["i"] == [None, None]
    assert len(source.problems) == 9 + 16
