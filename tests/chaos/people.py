"""Who uses the registry meanwhile: trainers that register, hands that move things, and whoever has a say.

Each event is tried until the registry or the ledger takes it or says no; what was asked of MLflow's stages is
remembered, also where no answer came.
"""

import logging
import os
import threading
import time
import warnings
from collections import Counter

from ledger.errors import LedgerUnavailable
from registry.errors import RegistryError, RegistryRefused, RegistryUnavailable
from registry.mlflow_connection import connect, translated
from registry.words import Stage
from tests.chaos.sayings import SAYINGS, NothingWaits, Sayings
from workers.review import NotJudged, VoteRefused

AGAIN_S = 0.5
LOOKS_FOR_S = 10.0
GOOD, BAD = 4.0, 9.0
_OUTAGES = ("psycopg2", "sqlite3", "connection", "sqlalche.me")


class People:
    """All clients; `moves` has (model, version, stage) of every move that was asked for by hand."""

    def __init__(self, url, registry, ledger, book):
        self._url, self._client = url, connect(url)
        self._registry = registry
        self._logged = {}
        self.sayings = Sayings(ledger, book)
        self.moves, self.done, self.refused = Counter(), Counter(), Counter()
        self._changing = threading.Lock()

    def prepare(self, models):
        """A model with good figures and one with bad ones, logged once; and the registered models' names."""
        import mlflow
        from sklearn.dummy import DummyRegressor

        logging.getLogger("mlflow").setLevel(logging.ERROR)
        os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
        mlflow.set_tracking_uri(self._url)
        for good, rmse in ((True, GOOD), (False, BAD)):
            with warnings.catch_warnings(), mlflow.start_run():
                warnings.simplefilter("ignore")
                mlflow.log_metric("val_rmse", rmse)
                self._logged[good] = mlflow.sklearn.log_model(
                    DummyRegressor().fit([[0.0]], [1.0]), name="model",
                    pip_requirements=["scikit-learn"], serialization_format="cloudpickle",
                )  # fmt: skip
        for model in models:
            self._client.create_registered_model(model)

    def act(self, event, over):
        """Do what an event says; until then whatever is down is waited for, unless it is all `over`.

        Who finds nothing to speak of looks again for a while.
        """
        until = time.monotonic() + LOOKS_FOR_S
        while not over.is_set():
            try:
                self._act(event)
            except NothingWaits:
                if time.monotonic() > until:
                    self._count(self.refused, event.deed)
                    return
                time.sleep(AGAIN_S)
            except (RegistryUnavailable, LedgerUnavailable):
                time.sleep(AGAIN_S)
            except (RegistryError, VoteRefused, NotJudged) as error:
                if isinstance(error, RegistryRefused) and any(sign in str(error) for sign in _OUTAGES):
                    time.sleep(AGAIN_S)  # MLflow words some of its database's outages as a refusal
                    continue
                self._count(self.refused, event.deed)
                return
            else:
                self._count(self.done, event.deed)
                return

    def _act(self, event):
        if event.deed == "register":
            self._register(event)
        elif event.deed in SAYINGS:
            self.sayings.say(event)
        elif event.deed in {"hold", "resume"}:
            self.sayings.hold(event)
        elif (version := self._picked(event)) is not None:
            match event.deed:
                case "move":
                    self._move(event, version)
                case "alias":
                    self._registry.set_alias(event.model, event.word, version)
                case "tag":
                    self._registry.set_tag(event.model, version, "note", event.word)

    def _register(self, event):
        logged = self._logged[event.good]
        tags = {"owner": "ada"} if event.owned else {}
        with translated(self._url):
            self._client.create_model_version(
                event.model, logged.model_uri, logged.run_id, tags, model_id=logged.model_id,
                await_creation_for=0,
            )  # fmt: skip

    def _move(self, event, version):
        stage = Stage(event.word)
        self._count(self.moves, (event.model, version, stage))
        self._registry.transition(event.model, version, stage, archive_existing=event.good)

    def _picked(self, event):
        versions = self._registry.versions(event.model)
        return versions[int(event.pick * len(versions))].version if versions else None

    def _count(self, counter, key):
        with self._changing:
            counter[key] += 1
