import os

import numpy as np
import pytest

from validation.answers import AnswerInvalid, read_answer


def test_an_answer_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "answer"
    path.write_bytes(np.array([1.5, -2.0, np.inf], dtype="<f8").tobytes())
    assert read_answer(path, 3).tolist() == [1.5, -2.0, np.inf]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([1.0], "8 bytes as its answer, 16 were asked for"),
        ([1.0, 2.0, 3.0], "24 bytes"),
    ],
)
def test_an_answer_to_another_question_is_refused(tmp_path, values, sentence):
    path = tmp_path / "answer"
    path.write_bytes(np.array(values, dtype="<f8").tobytes())
    with pytest.raises(AnswerInvalid, match=sentence):
        read_answer(path, 2)


def _link(path):
    target = path.with_name("elsewhere")
    target.write_bytes(bytes(16))
    path.symlink_to(target)


@pytest.mark.parametrize(
    "trap",
    [
        pytest.param(bool, id="nothing"),
        pytest.param(_link, id="symbolic link"),
        pytest.param(os.mkfifo, id="pipe that nobody writes"),
        pytest.param(os.mkdir, id="folder"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), id="endless device"),
    ],
)
def test_what_is_no_plain_file_is_refused_without_waiting(tmp_path, trap):
    path = tmp_path / "answer"
    trap(path)
    with pytest.raises(AnswerInvalid):
        read_answer(path, 2)
