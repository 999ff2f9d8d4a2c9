"""Names: who is the same person, and who only looks like another."""

import pytest

from policies.names import NAME_MAX, appearance, same_person, unfit_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada", "ada"),
        (" ada\u00a0lovelace ", "Ada  Lovelace"),
        ("Jose\u0301", "jos\u00e9"),
        ("\uff21da", "ada"),
        ("a\u200bda", "ada"),
        ("Stra\u00dfe", "strasse"),
        ("\u0130brahim", "i\u0307brahim"),
    ],
)
def test_the_same_person_however_it_is_typed(one, other):
    assert same_person(one) == same_person(other)
    assert appearance(one) == appearance(other)


@pytest.mark.parametrize("twin", ["\u0430da", "ad\u0430", "\u0410DA", "\u03b1da", "a\u0501a"])
def test_one_who_looks_like_another_is_somebody_else(twin):
    assert same_person(twin) != same_person("ada")
    assert appearance(twin) == appearance("ada")


@pytest.mark.parametrize(
    ("one", "other"), [("jos\u00e9", "jose"), ("ada", "adam"), ("m\u00fcller", "muller")]
)
def test_others_are_others(one, other):
    assert appearance(one) != appearance(other)


@pytest.mark.parametrize(
    "name",
    [
        "ada",
        "\u05d0\u05d3\u05d4",
        "\u0639\u0644\u064a",
        "\u5c71\u7530",
        "ada \U0001f680",
        "o'hara, j.",
        "a" * NAME_MAX,
    ],
)
def test_names_of_any_script_are_names(name):
    assert unfit_name(name) is None


@pytest.mark.parametrize(
    "name", ["", " ", "\u200b", "a\nb", "a\0", "\ud800", "\u202eada", "a" * (NAME_MAX + 1)]
)
def test_what_is_no_name(name):
    assert unfit_name(name)
