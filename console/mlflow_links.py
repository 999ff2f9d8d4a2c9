"""Addresses of MLflow's own pages, for people's browsers. Pure."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class MlflowLinks:
    """Links below the address at which browsers reach MLflow; a model of another workspace has none."""

    url: str

    def model(self, name: str) -> str | None:
        """The page of a registered model."""
        return None if "/" in name else f"{self.url}/#/models/{quote(name, safe='')}"

    def version(self, name: str, number: int) -> str | None:
        """The page of a model version."""
        page = self.model(name)
        return page and f"{page}/versions/{number}"

    def run(self, run_id: str) -> str:
        """The page of a run; MLflow finds its experiment."""
        return f"{self.url}/#/runs/{quote(run_id, safe='')}"
