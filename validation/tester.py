"""Runs in a process of its own: a team's pytest file, beside the models' processes and not within them.

Run by `validation.confine` like the scorer. `model` and `champion` are doors: what they are asked goes to our
side and on to the model's own process, so that no model's code runs here, where tests are counted.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

MOST_TOLD = 20
_MESSAGE = 300


class ModelFailed(Exception):
    """The model was asked, and gave no answer."""


class Door:
    """A model in another process: `predict` takes a DataFrame and gives one number per row."""

    def __init__(self, name: str, ask: Any) -> None:
        self._name = name
        self._ask = ask

    def predict(self, inputs: Any) -> Any:
        """One number per row; columns that the signature does not name are left out."""
        return self._ask(self._name, inputs)

    def __repr__(self) -> str:
        return f"<{self._name}>"


class Line:
    """The line to our side: one question, one answer."""

    def __init__(self, status: Any, answers: Any) -> None:
        self._status = status
        self._answers = answers
        self._asked = 0

    def say(self, state: str, **more: Any) -> None:
        """One status."""
        self._status.write(json.dumps({"state": state, **more}) + "\n")

    def hear(self) -> dict[str, Any]:
        """The next line; an end of all lines ends the process."""
        line = self._answers.readline()
        if not line:
            sys.exit(0)
        heard: dict[str, Any] = json.loads(line)
        return heard

    def ask(self, model: str, inputs: Any) -> Any:
        """What a model predicts for these rows. Raises ModelFailed."""
        import numpy as np
        import pandas as pd
        import pyarrow as pa

        if not isinstance(inputs, pd.DataFrame):
            raise TypeError("predict takes a DataFrame")
        path = f"question-{self._asked}.arrow"
        self._asked += 1
        table = pa.Table.from_pandas(inputs, preserve_index=False)
        with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        self.say("asks", model=model, inputs=path)
        heard = self.hear()
        if "error" in heard:
            raise ModelFailed(f"the {model} {heard['error']}")
        return np.fromfile(heard["answer"], dtype="<f8")


class Report:
    """A plug-in of pytest: the fixtures, and the count of what became of each test."""

    def __init__(self, job: dict[str, Any], line: Line) -> None:
        self._job = job
        self._line = line
        self.collected: set[str] = set()
        self.passed: set[str] = set()
        self.skipped: set[str] = set()
        self.failures: dict[str, str] = {}

    def fixtures(self) -> Any:
        """A plug-in of its own, since fixtures are found on classes by pytest's own rules."""
        import pytest

        job, line = self._job, self._line

        class Fixtures:
            @pytest.fixture
            def model(self) -> Door:
                return Door("candidate", line.ask)

            @pytest.fixture
            def champion(self) -> Door | None:
                return Door("champion", line.ask) if job["champion"] else None

            @pytest.fixture
            def holdout(self) -> Any:
                import pyarrow as pa

                with pa.memory_map(job["holdout"]) as source:
                    return pa.ipc.open_file(source).read_all().to_pandas()

        return Fixtures()

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Count what was found."""
        self.collected = {item.nodeid for item in items}

    def pytest_collectreport(self, report: Any) -> None:
        """A file that cannot be read is a failure."""
        if report.failed:
            self.failures["the file"] = _shortened(str(report.longrepr).strip().rpartition("\n")[2])

    def pytest_runtest_logreport(self, report: Any) -> None:
        """One phase of one test."""
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.failures[report.nodeid] = _shortened(crash.message if crash else str(report.longrepr))
        elif report.skipped:
            self.skipped.add(report.nodeid)
        elif report.when == "call":
            self.passed.add(report.nodeid)

    def told(self) -> dict[str, Any]:
        """Counts, and the first failures."""
        failures = [[name.partition("::")[2] or name, said] for name, said in self.failures.items()]
        counts = {
            "collected": max(len(self.collected), len(self.failures)),
            "passed": len(self.passed - self.failures.keys()),
            "skipped": len(self.skipped - self.failures.keys()),
        }
        return {**counts, "failures": failures[:MOST_TOLD]}


def _shortened(message: str) -> str:
    return " ".join(message.partition("\n")[0].split())[:_MESSAGE]


def main(terms: dict[str, Any]) -> int:
    """Take one file of tests, run it, tell."""
    answers = os.fdopen(os.dup(0), "r")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    line = Line(os.fdopen(terms["status"], "w", buffering=1), answers)
    try:
        import pytest
    except ImportError:
        line.say("lacking")
        return 1
    line.say("ready")
    job = line.hear()
    report = Report(job, line)
    Path("pytest.ini").write_text("[pytest]\n")
    options = ["-q", "-p", "no:cacheprovider", "-c", "pytest.ini", "--rootdir", ".", job["tests"]]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    pytest.main(options, plugins=[report, report.fixtures()])
    line.say("tested", **report.told())
    return 0
