"""Opens the registry that the settings name: an MLflow server, whole or some of its workspaces.

MLflow's own context names the workspace in each request's header, also in the threads that download.
"""

from collections.abc import Iterator
from contextlib import nullcontext

from mlflow.utils.workspace_context import WorkspaceContext

from registry.mlflow_registry import MlflowRegistry
from registry.port import Registry
from registry.settings import RegistrySettings
from registry.workspaces import DEFAULT, Within, WorkspacedRegistry


def open_registry(settings: RegistrySettings) -> Registry:
    """Nothing is sent yet. Raises RegistryRefused for an address that is none."""
    registry = MlflowRegistry(settings.registry_url)
    return WorkspacedRegistry(registry, settings.workspaces or (DEFAULT,), _within(settings))


def each_workspace(settings: RegistrySettings) -> Iterator[str]:
    """Their names; whatever is asked of MLflow between one and the next is asked within it."""
    within = _within(settings)
    for workspace in settings.workspaces or (DEFAULT,):
        with within(workspace):
            yield workspace


def _within(settings: RegistrySettings) -> Within:
    """A server without workspaces refuses the header."""
    return WorkspaceContext if settings.workspaces else nullcontext
