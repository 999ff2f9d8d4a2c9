"""The numbers that are logged to the run."""

import math
import re

import pytest

from policies.evidence.measurement import Measurement
from tests.validation.reports import made
from validation.reports.logged import figures
from validation.reports.report import Report


def test_the_figures_of_every_gate_are_told_by_plain_names():
    report = made.of_fares()
    told = figures(report)
    findings = report.evidence.findings
    assert told["rmse"] == findings["rmse on holdout"].value
    assert told["champion.mae"] == findings["mae against champion on holdout"].champion
    assert told["baseline.linear-km.rmse"] == findings["rmse against baseline:linear-km on holdout"].champion
    assert told["latency.p95_ms.1 rows"] == 1000 * findings["latency of 1 rows on holdout"].p95
    parts = {part.name: part.value for part in findings["rmse by slice on holdout"].parts}
    assert {name: told[f"rmse.slice.{name}"] for name in parts} == parts
    assert told["gates.pass"] == 7


@pytest.mark.parametrize("made_by", [made.of_fares, made.of_tips, made.of_failed, made.of_hostile])
def test_all_are_finite_and_by_names_that_mlflow_takes(made_by):
    told = figures(made_by())
    assert all(map(math.isfinite, told.values()))
    assert all(re.fullmatch(r"[A-Za-z0-9_.\- ]{1,230}", name) for name in told)


def test_what_is_no_figure_is_left_out():
    report = made.of_fares(60)
    wild = report.evidence.model_copy(
        update={"findings": {"rmse on holdout": Measurement(value=math.inf, rows=9)}}
    )
    told = figures(Report(wild, report.evaluation, report.decision, report.sketch, report.at, "0"))
    assert "rmse" not in told
