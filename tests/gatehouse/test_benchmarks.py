"""`make bench`: the list, and a name that is none."""

import importlib

from benchmarks import validation
from benchmarks.__main__ import main, names
from benchmarks._trips import SLICES, trips
from validation.slicing import cut


def test_every_benchmark_is_listed_with_the_first_line_of_its_docstring(capsys):
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(names()) > 0
    for name, line in zip(names(), lines, strict=True):
        assert f"NAME={name} " in line
        assert line.endswith(importlib.import_module(f"benchmarks.{name}").__doc__.splitlines()[0])


def test_a_name_that_is_none_is_a_wrong_call(capsys):
    assert main(["nothing"]) == 2
    assert "there are: champion, console, demo" in capsys.readouterr().err


def test_the_benchmark_of_validation_bounds_twenty_slices_of_any_number_of_rows():
    assert len(cut(validation._holdout(trips(3000)), SLICES)) == 20
    assert validation._bounds(3000) > 0
