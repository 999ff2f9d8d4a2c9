"""Models in the environments that they were logged with, installed from a folder of small wheels."""

import re
import sysconfig
import zipfile
from pathlib import Path

import pytest

from policies.evidence.measurement import Measurement, MetricNeed
from validation.answers import Failed
from validation.asking import ModelFiles
from validation.confinement import READABLE
from validation.environments import Environments
from validation.holdout import read_holdout
from validation.measure import measure
from validation.sandbox import Sandbox

RMSE = MetricNeed(metric="rmse", dataset="holdout")
SITE = sysconfig.get_paths()["purelib"]


def wheel(folder, name, version, files):
    info = f"{name}-{version}.dist-info"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    written = {**files, **metadata}
    record = "".join(f"{path},,\n" for path in [*written, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**written, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """What a model needs; the large ones are stand-ins that lead to the worker's own."""
    folder = tmp_path_factory.mktemp("wheels")
    wheel(folder, "mlflow", "3.17.2", {"zz_worker.pth": f"{SITE}\n"})
    wheel(folder, "pandas", "3.0", {})
    wheel(folder, "pyarrow", "25.0", {})
    for version in ("1.0", "2.0"):
        wheel(folder, "fares", version, {"fares.py": f"START = 1.5 + {version}\n"})
    wheel(
        folder,
        "evil",
        "1.0",
        {"aa_evil.pth": "import pathlib; pathlib.Path('/tmp/gatehouse-evil').write_text('x')\n"},
    )
    return folder


@pytest.fixture
def environments(tmp_path, wheels):
    return Environments(tmp_path / "cache", wheels=wheels, seconds=60)


@pytest.fixture
def logged(bare_model):
    def write(requirements, predict="import fares; return fares.START + 1.5 * data['distance'].to_numpy()"):
        model = bare_model(predict)
        (model / "requirements.txt").write_text(requirements)
        return model

    return write


def test_a_model_runs_on_the_versions_that_it_was_logged_with(
    monkeypatch, environments, logged, signature, holdout_file
):
    monkeypatch.setattr("validation.child.READABLE", (*READABLE, SITE))  # where the stand-ins lead
    model = ModelFiles(logged("mlflow==3.17.2\nfares==1.0  # not the newest\n"), signature)
    data = {"holdout": lambda: read_holdout(holdout_file, name="holdout", target="fare")}
    with Sandbox(spares=0, threads=1, environments=environments) as sandbox:
        found, _ = measure((RMSE,), model, None, data, sandbox=sandbox, env="model")
        assert isinstance(found[RMSE.key], Measurement), found
        assert found[RMSE.key].value == pytest.approx(0.3, abs=0.15)
        ours, _ = measure((RMSE,), model, None, data, sandbox=sandbox)
        assert "No module named 'fares'" in ours[RMSE.key].reason


def test_equal_requirements_are_installed_once(environments, logged):
    model = logged("fares==1.0\nmlflow\n")
    first = environments.python_of(model)
    (model / "requirements.txt").write_text("# in another order\nmlflow\nfares==1.0\n")
    assert environments.python_of(model) == first
    (model / "requirements.txt").write_text("mlflow\nfares==2.0\n")
    assert environments.python_of(model) != first
    assert len(list(environments.cache.iterdir())) == 2


@pytest.mark.parametrize(
    ("requirements", "fault", "sentence"),
    [
        ("fares==9.0", "candidate", "its environment does not install: .*fares==9.0"),
        ("nowhere", "candidate", "its environment does not install: "),
        ("fares @ https://example.com/fares.whl", "candidate", "comes by address, not from the index"),
        ("--index-url https://example.com\nfares", "candidate", "'--index-url https://example.com' is no requirement"),
        ("-e .", "candidate", "'-e .' is no requirement"),
        ("../fares.whl", "candidate", "'../fares.whl' is no requirement"),
    ],
)  # fmt: skip
def test_an_environment_that_does_not_install_is_said(environments, logged, requirements, fault, sentence):
    failed = environments.python_of(logged(requirements))
    assert isinstance(failed, Failed)
    assert failed.fault == fault
    assert re.search(sentence, failed.reason), failed.reason
    assert not environments.cache.exists() or not list(environments.cache.iterdir())


def test_an_index_that_is_away_is_the_surroundings_fault(tmp_path, logged):
    away = Environments(tmp_path / "cache", index="http://127.0.0.1:9", seconds=120)
    failed = away.python_of(logged("fares"))
    assert failed.fault == "surroundings"
    assert failed.reason.startswith("could not be run: its environment does not install: ")


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [({"seconds": 0.0}, "was not installed within 0 s"), ({"most_bytes": 1 << 10}, "is larger than 0.0 GiB")],
)
def test_installing_has_its_limits(tmp_path, wheels, logged, limits, sentence):
    failed = Environments(tmp_path / "cache", wheels=wheels, **limits).python_of(logged("fares"))
    assert failed.fault == "surroundings"
    assert sentence in failed.reason


def test_without_requirements_there_is_no_environment(environments, bare_model):
    assert "has no requirements.txt" in environments.python_of(bare_model("pass")).reason


def test_what_packages_run_at_every_start_runs_confined(
    monkeypatch, environments, logged, signature, holdout_file
):
    monkeypatch.setattr("validation.child.READABLE", (*READABLE, SITE))
    trace = Path("/tmp/gatehouse-evil")
    trace.unlink(missing_ok=True)
    model = ModelFiles(logged("evil\nfares==1.0"), signature)
    data = {"holdout": lambda: read_holdout(holdout_file, name="holdout", target="fare")}
    with Sandbox(spares=0, threads=1, environments=environments) as sandbox:
        if sandbox.confinement().level != "closed":
            pytest.skip("this machine's kernel does not keep files from a model")
        measure((RMSE,), model, None, data, sandbox=sandbox, env="model")
    assert not trace.exists()


def test_a_worker_that_keeps_no_environments_says_so(logged, signature, holdout_file):
    data = {"holdout": lambda: read_holdout(holdout_file, name="holdout", target="fare")}
    with Sandbox(spares=0, threads=1) as sandbox:
        found, _ = measure(
            (RMSE,), ModelFiles(logged("fares"), signature), None, data, sandbox=sandbox, env="model"
        )
    assert found[RMSE.key].fault == "surroundings"
    assert "keeps no environments of models" in found[RMSE.key].reason
