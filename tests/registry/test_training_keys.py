import hashlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.training_keys import KeysInvalid, key_text, read_keys, write_keys

CELLS = st.lists(st.one_of(st.text(min_size=1), st.integers()), min_size=1, max_size=200)


@given(CELLS, st.lists(st.text(), max_size=20))
def test_no_key_that_was_trained_on_is_forgotten(cells, others):
    keys = read_keys(write_keys("id", cells))
    texts = [key_text(cell) for cell in cells]
    assert keys.hold(texts).all()
    assert keys.keys == len(set(texts))
    strangers = [text for text in others if text not in texts]
    assert not keys.hold(strangers).any()


def test_of_strangers_about_the_share_that_is_told_is_taken_for_a_key(monkeypatch):
    """With four bits a key, as beyond 33 million keys, one in seven is."""
    monkeypatch.setattr("registry.training_keys._BITS_A_KEY", 4)
    monkeypatch.setattr("registry.training_keys._LEAST_BITS", 8)
    keys = read_keys(write_keys("id", range(20_000)))
    taken = keys.hold([f"other {number}" for number in range(20_000)]).mean()
    assert 0.10 < keys.rate < 0.20
    assert abs(taken - keys.rate) < 4 * np.sqrt(keys.rate / 20_000)


def test_the_file_is_as_its_description_says():
    """Read by hand, as a trainer in another language would write it."""
    line, _, body = write_keys("id", ["a"]).partition(b"\n")
    header = json.loads(line)
    assert (header["column"], header["keys"], header["bits"]) == ("id", 1, 1 << 22)
    digest = hashlib.sha256(b"a").digest()
    a, b = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:16], "little")
    places = {(a + i * (b | 1)) % 2**64 % header["bits"] for i in range(header["hashes"])}
    assert {n for n in range(header["bits"]) if body[n // 8] >> n % 8 & 1} == places


@pytest.mark.parametrize(
    ("cell", "text"),
    [("x1", "x1"), (17, "17"), (17.0, "17"), (-3, "-3")],
    ids=["word", "int", "whole", "negative"],
)
def test_keys_are_words_or_whole_numbers(cell, text):
    assert key_text(cell) == text


@pytest.mark.parametrize("cell", [1.5, float("nan"), float("inf"), None, True, b"x"])
def test_other_cells_are_no_keys(cell):
    with pytest.raises(KeysInvalid, match="neither a text nor a whole number"):
        key_text(cell)


GOOD = {"format": 1, "column": "id", "keys": 1, "bits": 8, "hashes": 1}


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "its first line"),
        (b"\x00" * 100, "its first line"),
        (json.dumps(GOOD | {"hashes": 10**9}).encode() + b"\n\xff", "hashes"),
        (json.dumps(GOOD | {"bits": 8 << 40}).encode() + b"\n\xff", "bits"),
        (json.dumps(GOOD | {"bits": 16}).encode() + b"\n\xff", "has 8 bits and says 16"),
        (json.dumps(GOOD).encode() + b"\n\x00", "says that it has 1 keys, and has none"),
        (b"[" * 10_000, "its first line"),
    ],
    ids=["empty", "no text", "hashes without end", "bits without end", "too short", "no key", "nested"],
)
def test_a_file_that_is_none_says_where(raw, sentence):
    with pytest.raises(KeysInvalid, match=sentence):
        read_keys(raw)


def test_no_keys_make_no_file():
    with pytest.raises(KeysInvalid, match="there are no keys"):
        write_keys("id", [])
