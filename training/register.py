"""Registers a logged model as a candidate: the last thing a trainer does, and the first that a gate sees."""

from typing import TYPE_CHECKING

import click

from registry.errors import RegistryRefused
from training.errors import told
from training.options import NAME, OWNER
from training.provenance import UNKNOWN
from training.server import named, reach

if TYPE_CHECKING:
    from mlflow import MlflowClient


def register(client: "MlflowClient", name: str, logged: tuple[str, str], tags: dict[str, str]) -> int:
    """Create a version of `name` from (run id, model id); its number comes back.

    The tags go with the creation, so that the event of it carries them. Raises what MLflow raises.
    """
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode

    run_id, model_id = logged
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
            raise
    made = client.create_model_version(name, f"models:/{model_id}", run_id, tags=tags, model_id=model_id)
    return int(made.version)


def model_of(client: "MlflowClient", run_id: str) -> str:
    """Name the one model that a run logged. Raises RegistryRefused, and what MLflow raises."""
    logged = client.get_run(run_id).outputs
    models = [output.model_id for output in logged.model_outputs] if logged else []
    if len(models) != 1:
        raise RegistryRefused(f"run {run_id} logged {len(models)} models: one is needed to register it")
    return str(models[0])


@click.command(epilog="Example: python -m training.register --run 0123456789abcdef --owner pricing")
@click.option("--run", "run_id", required=True, help="MLflow run that logged the model.")
@OWNER
@NAME
@click.option(
    "--tracking-uri", envvar="MLFLOW_TRACKING_URI", default="", help="MLflow; default: MLFLOW_TRACKING_URI."
)
def main(run_id: str, owner: str, name: str, tracking_uri: str) -> None:
    """Register the model of a run; the last line is the number of its version.

    The commit is the run's own, for the code may have changed since.
    """
    with told():
        reach(tracking_uri)
        import mlflow
        from mlflow.exceptions import MlflowException

        try:
            client = mlflow.MlflowClient(tracking_uri or None)
            commit = client.get_run(run_id).data.tags.get("git_commit") or UNKNOWN
            logged = (run_id, model_of(client, run_id))
            version = register(client, name, logged, {"owner": owner, "git_commit": commit})
        except MlflowException as error:
            raise named(error, tracking_uri or mlflow.get_tracking_uri()) from error
    click.echo(f"registered {name} version {version} of run {run_id}\n{version}")


if __name__ == "__main__":
    main()
