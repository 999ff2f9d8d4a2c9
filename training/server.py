"""The MLflow server as a trainer meets it: is it there, and what its errors mean. Imports no MLflow."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.error import HTTPError
from urllib.request import urlopen

from registry.errors import RegistryError, RegistryRefused, RegistryUnavailable

if TYPE_CHECKING:
    from mlflow.exceptions import MlflowException

_REACH_S: Final = 5.0


def reach(uri: str) -> None:
    """Raise RegistryUnavailable at once where no MLflow server listens; its own client tries for minutes."""
    if not uri.startswith(("http://", "https://")):
        return
    try:
        urlopen(f"{uri.rstrip('/')}/health", timeout=_REACH_S).close()  # noqa: S310 the scheme is checked above
    except HTTPError:
        return  # it answered, if only with a word of its own
    except OSError as error:
        raise RegistryUnavailable(
            f"no MLflow server answers at {uri} ({getattr(error, 'reason', error)}): start it, or point"
            " --tracking-uri or MLFLOW_TRACKING_URI at the one that runs"
        ) from error


def named(error: "MlflowException", uri: str) -> RegistryError:
    """Say of MLflow's error whether to try again (it is away or ill) or not (it said no)."""
    why = str(error).splitlines()[0][:300]
    status: int = error.get_http_status_code()  # type: ignore[no-untyped-call]  # MLflow leaves it bare
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return RegistryUnavailable(f"MLflow at {uri} did not answer as it should: {why}")
    return RegistryRefused(f"MLflow at {uri} refused: {why}")
