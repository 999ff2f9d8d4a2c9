"""Registers a logged model as a candidate: the last thing a trainer does, and the first that a gate sees."""

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode


def register(client: MlflowClient, name: str, logged: tuple[str, str], tags: dict[str, str]) -> int:
    """Create a version of `name` from (run id, model id); its number comes back.

    The tags go with the creation, so that the event of it carries them. Raises what MLflow raises.
    """
    run_id, model_id = logged
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
            raise
    made = client.create_model_version(name, f"models:/{model_id}", run_id, tags=tags, model_id=model_id)
    return int(made.version)
