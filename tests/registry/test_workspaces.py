"""Several workspaces of a real MLflow server are one registry; the same name in two of them is two models."""

import pytest
from mlflow import MlflowClient
from mlflow.utils.workspace_context import WorkspaceContext

from registry.errors import VersionMissing
from registry.mlflow_open import each_workspace, open_registry
from registry.mlflow_webhooks import NAME, ensure_webhook, list_webhooks
from registry.settings import RegistrySettings
from registry.words import Stage
from registry.workspaces import qualified, split
from tests.conftest import running_mlflow

pytestmark = pytest.mark.mlflow
GUARDED = ("default", "team-a")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with the workspaces default, team-a and team-b, each with a model called fare."""
    folder = tmp_path_factory.mktemp("workspaces")
    with running_mlflow(folder, "--enable-workspaces") as url:
        client = MlflowClient(url, url)
        for workspace in ("team-a", "team-b"):
            client.create_workspace(workspace)
        for workspace in (*GUARDED, "team-b"):
            with WorkspaceContext(workspace):
                client.create_registered_model("fare")
                client.create_model_version("fare", "s3://nowhere/model", tags={"of": workspace})
        yield url


@pytest.fixture
def settings(server):
    return RegistrySettings(registry_url=server, workspaces=GUARDED)


@pytest.fixture
def registry(settings):
    return open_registry(settings)


@pytest.mark.parametrize(
    ("workspace", "name", "model"),
    [("default", "fare", "fare"), (None, "fare", "fare"), ("team-a", "fare", "team-a/fare")],
    ids=["default", "none", "another"],
)
def test_a_models_name_carries_its_workspace(workspace, name, model):
    assert qualified(workspace, name) == model
    assert split(model) == (workspace or "default", name)


@pytest.mark.parametrize("given", ["default,team-a", " default , team-a ,"])
def test_the_guarded_workspaces_are_set_apart_by_commas(monkeypatch, given):
    monkeypatch.setenv("GATEHOUSE_WORKSPACES", given)
    assert RegistrySettings().workspaces == GUARDED


def test_the_same_name_in_two_workspaces_is_two_models(registry):
    assert {name: registry.version(name, 1).tags["of"] for name in ("fare", "team-a/fare")} == {
        "fare": "default",
        "team-a/fare": "team-a",
    }


@pytest.mark.parametrize("ask", [lambda r: r.recent(10), lambda r: r.everything()], ids=["recent", "all"])
def test_all_that_is_guarded_is_read_and_nothing_else(registry, ask):
    assert {(each.name, each.tags["of"]) for each in ask(registry)} == {
        ("fare", "default"),
        ("team-a/fare", "team-a"),
    }


def test_of_what_changed_last_so_much_is_told_as_was_asked_for(registry):
    registry.transition("team-a/fare", 1, Stage.ARCHIVED)
    assert [each.name for each in registry.recent(1)] == ["team-a/fare"]


def test_a_move_a_tag_and_an_alias_stay_in_their_workspace(registry):
    registry.transition("team-a/fare", 1, Stage.STAGING)
    registry.set_alias("team-a/fare", "best", 1)
    registry.set_tag("team-a/fare", 1, "risk", "low")
    there, here = registry.versions("team-a/fare")[0], registry.versions("fare")[0]
    assert (there.stage, there.aliases, there.tags["risk"]) == (Stage.STAGING, {"best"}, "low")
    assert (here.stage, here.aliases, "risk" in here.tags) == (Stage.NONE, set(), False)
    registry.delete_alias("team-a/fare", "best")
    registry.delete_tag("team-a/fare", 1, "risk")
    assert not registry.versions("team-a/fare")[0].aliases


def test_a_workspace_that_is_not_guarded_is_said_to_be_so(registry):
    with pytest.raises(VersionMissing, match="'team-b' of team-b/fare is not guarded: GATEHOUSE_WORKSPACES"):
        registry.version("team-b/fare", 1)


def test_each_guarded_workspace_has_a_webhook_of_its_own(settings, server):
    url = "http://127.0.0.1:1/webhooks/mlflow"
    made = [
        ensure_webhook(server, name=NAME, url=url, secret="long enough") for _ in each_workspace(settings)
    ]
    assert made == [True, True]
    with WorkspaceContext("team-b"):
        assert list_webhooks(server) == []


def test_a_server_without_workspaces_is_asked_without_naming_one(mlflow_server):
    registry = open_registry(RegistrySettings(registry_url=mlflow_server))
    assert isinstance(registry.recent(1), list)
