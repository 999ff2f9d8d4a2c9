import os
import shutil

import numpy as np
import pandas as pd
import pytest

from policies.evidence.comparison import ComparisonNeed
from policies.evidence.measurement import MetricNeed
from validation.asking import ModelFiles
from validation.holdout import read_holdout
from validation.kept import KeptAnswers, digest_of_asking, digest_of_model, digest_of_rows
from validation.measure import measure
from validation.sandbox import Sandbox

NEEDS = (
    MetricNeed(metric="rmse", dataset="holdout"),
    ComparisonNeed(metric="rmse", dataset="holdout"),
)
ANSWERS = np.array([1.5, -2.0, np.nan, np.inf])


@pytest.fixture
def kept(tmp_path):
    return KeptAnswers(tmp_path / "kept", 1 << 20)


def files_of(kept):
    return sorted(kept._folder.glob("*"))


def test_what_was_kept_comes_back_as_it_was(kept):
    kept.keep("model", "rows", answers=ANSWERS)
    np.testing.assert_array_equal(kept.recall("model", "rows", rows=4), ANSWERS)
    assert kept.recall("rows", "model", rows=4) is None
    assert kept._folder.stat().st_mode & 0o077 == 0


def test_nothing_is_known_of_an_empty_folder_and_none_is_made(kept):
    assert kept.recall("model", "rows", rows=4) is None
    assert not kept._folder.exists()


def cut_short(path):
    path.write_bytes(path.read_bytes()[:-8])


def other_figure(path):
    held = bytearray(path.read_bytes())
    held[-1] ^= 1
    path.write_bytes(held)


def emptied(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("spoil", [cut_short, other_figure, emptied])
def test_a_file_that_is_not_whole_is_not_believed_and_goes(kept, spoil, caplog):
    kept.keep("model", "rows", answers=ANSWERS)
    spoil(files_of(kept)[0])
    assert kept.recall("model", "rows", rows=4) is None
    assert "not whole" in caplog.text
    assert files_of(kept) == []


def test_a_whole_file_under_another_name_is_not_believed(kept):
    kept.keep("ours", "rows", answers=ANSWERS)
    ours = files_of(kept)[0]
    kept.keep("theirs", "rows", answers=ANSWERS)
    theirs = next(path for path in files_of(kept) if path != ours)
    shutil.copy(ours, theirs)
    assert kept.recall("theirs", "rows", rows=4) is None


def test_answers_for_another_count_of_rows_are_not_believed(kept):
    kept.keep("model", "rows", answers=ANSWERS)
    assert kept.recall("model", "rows", rows=3) is None


def test_what_was_not_asked_for_longest_makes_room(tmp_path):
    kept = KeptAnswers(tmp_path, 3 * (32 + 8 * 4))
    for age, model in enumerate("abc"):
        kept.keep(model, answers=ANSWERS)
        newest = max(tmp_path.glob("*.answers"), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, ns=(age, age))
    assert kept.recall("a", rows=4) is not None
    kept.keep("d", answers=ANSWERS)
    there = [model for model in "abcd" if kept.recall(model, rows=4) is not None]
    assert there == ["a", "c", "d"]


def test_answers_larger_than_all_room_are_not_kept(tmp_path):
    kept = KeptAnswers(tmp_path / "kept", 40)
    kept.keep("model", answers=ANSWERS)
    assert not (tmp_path / "kept").exists()


def test_a_folder_that_cannot_be_written_costs_a_warning_only(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    kept = KeptAnswers(tmp_path / "file" / "kept", 1 << 20)
    kept.keep("model", answers=ANSWERS)
    assert kept.recall("model", rows=4) is None
    assert "answers were not kept" in caplog.text


def renamed(folder):
    (folder / "code").rename(folder / "other")


def one_byte_more(folder):
    with (folder / "MLmodel").open("a") as file:
        file.write(" ")


def a_link(folder):
    (folder / "link").symlink_to("MLmodel")


@pytest.mark.parametrize("change", [renamed, one_byte_more, a_link])
def test_another_byte_name_or_link_makes_another_model(bare_model, change):
    folder = bare_model("return np.ones(len(data))")
    before = digest_of_model(folder)
    assert digest_of_model(folder) == before
    change(folder)
    assert digest_of_model(folder) != before


def test_the_same_file_with_another_target_or_other_rows_is_other_data(tmp_path, holdout_file):
    first = read_holdout(holdout_file, name="holdout", target="fare")
    assert digest_of_rows(read_holdout(holdout_file, name="again", target="fare")) == digest_of_rows(first)
    assert digest_of_rows(read_holdout(holdout_file, name="holdout", target="hour")) != digest_of_rows(first)
    frame = pd.read_csv(holdout_file)
    frame.loc[3, "fare"] = np.nan
    frame.to_csv(tmp_path / "less.csv", index=False)
    assert digest_of_rows(read_holdout(tmp_path / "less.csv", name="l", target="fare")) != digest_of_rows(
        first
    )


def test_another_interpreter_answers_for_itself():
    assert digest_of_asking("/one/python") != digest_of_asking("/other/python")


class Asked:
    """Which models a sandbox was given to run."""

    def __init__(self, sandbox):
        self._run, self.models = sandbox.run, []
        sandbox.run = self

    def __call__(self, model, *args, **more):
        self.models.append(model.name)
        return self._run(model, *args, **more)


@pytest.fixture
def judged(kept, holdout_file, bare_model, signature):
    """Judges a candidate against a champion, by name, and says which of them were run."""
    with Sandbox(spares=0, threads=1, kept=kept) as sandbox:
        asked = Asked(sandbox)

        def judge(candidate, champion):
            asked.models.clear()
            data = {"holdout": lambda: read_holdout(holdout_file, name="holdout", target="fare")}
            models = [ModelFiles(path, signature) for path in (candidate, champion)]
            findings, _ = measure(NEEDS, *models, data, sandbox=sandbox)
            return findings[NEEDS[1].key], sorted(asked.models)

        yield judge


def model_of(bare_model, name, base):
    return bare_model(f"return {base} + 1.5 * data['distance'].to_numpy()", name=name)


def test_a_champion_is_asked_once_and_says_the_same_ever_after(judged, bare_model):
    champion = model_of(bare_model, "champion", 3.0)
    first, ran = judged(model_of(bare_model, "one", 2.5), champion)
    assert ran == ["champion", "one"]
    second, ran = judged(model_of(bare_model, "two", 2.6), champion)
    assert ran == ["two"]
    assert second.champion == first.champion


def test_a_candidate_that_became_champion_is_not_asked_again(judged, bare_model):
    one = model_of(bare_model, "one", 2.5)
    found, _ = judged(one, model_of(bare_model, "champion", 3.0))
    against, ran = judged(model_of(bare_model, "two", 2.6), one)
    assert ran == ["two"]
    assert against.champion == found.candidate


def test_a_candidate_is_run_even_if_its_answers_are_known(judged, bare_model):
    one, champion = model_of(bare_model, "one", 2.5), model_of(bare_model, "champion", 3.0)
    judged(one, champion)
    assert judged(one, champion)[1] == ["one"]


def test_a_champion_whose_files_changed_is_asked_anew(judged, bare_model):
    champion = model_of(bare_model, "champion", 3.0)
    first, _ = judged(model_of(bare_model, "one", 2.5), champion)
    code = champion / "code" / "bare_champion.py"
    code.write_text(code.read_text().replace("3.0", "4.0"))
    second, ran = judged(model_of(bare_model, "two", 2.6), champion)
    assert ran == ["champion", "two"]
    assert second.champion > first.champion


def test_a_champion_that_could_not_be_scored_is_asked_again(judged, bare_model):
    champion = bare_model("raise ValueError('not today')", name="champion")
    for name in ("one", "two"):
        gap, ran = judged(model_of(bare_model, name, 2.5), champion)
        assert "not today" in gap.reason
        assert ran == ["champion", name]


def test_kept_answers_that_are_no_numbers_are_judged_like_any_others(judged, bare_model):
    one = bare_model("return np.full(len(data), np.nan)", name="one")
    judged(one, model_of(bare_model, "champion", 3.0))
    gap, ran = judged(model_of(bare_model, "two", 2.6), one)
    assert ran == ["two"]
    assert gap.reason.startswith(
        "the champion could not be scored: it gave 40 of 40 predictions that are not"
    )
    assert gap.fault == "surroundings"
