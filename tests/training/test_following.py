"""A consumer that follows promotions: it changes over when a version is loaded, and never stops answering."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from registry.errors import RegistryUnavailable
from training.etl.features import FEATURES
from training.predict.following import Following, main


class Registry:
    """What is in service; it can be away, and so can its artifacts."""

    def __init__(self):
        self.live, self.away, self.loaded = None, False, []

    def in_service(self):
        if self.away:
            raise RegistryUnavailable("away")
        return self.live

    def load(self, version):
        if version == 13:
            raise RegistryUnavailable("its artifacts are away")
        self.loaded.append(version)
        return lambda rows: np.full(len(rows), float(version))


@pytest.fixture
def registry():
    return Registry()


@pytest.fixture
def model(registry):
    return Following(registry.in_service, registry.load)


def test_each_promotion_is_taken_over_once(registry, model):
    seen = []
    for live in (None, 1, 1, 2, 1):
        registry.live = live
        seen.append((model.look(), model.version))
    assert seen == [(False, None), (True, 1), (False, 1), (True, 2), (True, 1)]
    assert registry.loaded == [1, 2, 1]
    assert model.answer([0, 0]).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("trouble", ["registry away", "nothing in service", "artifacts away"])
def test_the_version_that_is_here_answers_on(registry, model, trouble):
    registry.live = 1
    assert model.look()
    registry.away = trouble == "registry away"
    registry.live = {"nothing in service": None, "artifacts away": 13}.get(trouble, 2)
    assert not model.look()
    assert (model.version, model.answer([0]).tolist()) == (1, [1.0])


def test_where_no_version_ever_was_it_says_so(registry, model):
    with pytest.raises(RegistryUnavailable, match="no version is in service yet"):
        model.answer([0])
    registry.away = True
    with pytest.raises(RegistryUnavailable, match="away"):
        model.look()


@pytest.mark.filterwarnings("ignore")
def test_who_waits_for_a_first_version_is_told_so(tmp_path):
    pd.DataFrame({name: [1.0] for name in FEATURES}).to_parquet(tmp_path / "rows.parquet")
    words = ("--data", tmp_path / "rows.parquet", "--tracking-uri", f"sqlite:///{tmp_path}/mlflow.db")
    ran = CliRunner().invoke(main, [*map(str, words), "--times", "1"])
    assert ran.exit_code == 0
    assert "no version of taxi-fare is in service" in ran.stderr
