"""A gatekeeper for benchmarks: the real registry, a new ledger in a folder, nobody to ring or to tell."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ledger.engine import open_ledger
from ledger.migrate import upgrade
from policies.book import PolicyBook
from registry.mlflow_registry import MlflowRegistry
from validation.sandbox import Sandbox
from workers.gatekeeper import Gatekeeper


def keeper(folder: Path, url: str, sandbox: Sandbox, policies: Callable[[], PolicyBook]) -> Gatekeeper:
    """Judges what the MLflow at `url` holds by these policies."""
    ledger = open_ledger(f"sqlite:///{folder / 'ledger.db'}")
    upgrade(ledger)
    return Gatekeeper(
        registry=MlflowRegistry(url),
        ledger=ledger,
        policies=policies,
        sandbox=sandbox,
        channels=(),
        ring=lambda _: None,
        now=lambda: datetime.now(UTC),
        environ={},
        console_url="http://127.0.0.1",
        holder="bench",
        product="bench",
    )
