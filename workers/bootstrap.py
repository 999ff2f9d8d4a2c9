"""Binds the gatekeeper to the real world. Made once in each worker process, after the fork."""

import os
import socket
from datetime import UTC, datetime
from importlib.metadata import version

from ledger.engine import open_ledger
from ledger.migrate import check
from ledger.settings import LedgerSettings
from notifications.opened import open_channels, open_chat
from notifications.settings import NotificationSettings
from notifications.words import read_words
from registry.mlflow_open import open_registry
from registry.settings import RegistrySettings
from validation.environments import Environments
from validation.kept import KeptAnswers
from validation.sandbox import Sandbox
from workers.bell import celery_bell, trainers_bell
from workers.gatekeeper import Gatekeeper
from workers.in_force import take_in_force
from workers.settings import WorkerSettings
from workers.threads import LedgerMemory


def kept_environments(settings: WorkerSettings) -> Environments:
    """Of models whose policies say `env: model`."""
    return Environments(settings.environments, index=settings.index_url, wheels=settings.wheels)


def bind() -> Gatekeeper:
    """A gatekeeper as the settings say. Raises LedgerRefused for a ledger of another version."""
    settings, told = WorkerSettings(), NotificationSettings()
    ledger = open_ledger(LedgerSettings().url)
    check(ledger)
    return Gatekeeper(
        registry=open_registry(RegistrySettings()),
        ledger=ledger,
        policies=lambda: take_in_force(ledger, settings.policies, datetime.now(UTC)),
        sandbox=Sandbox(
            spares=settings.spares,
            kept=KeptAnswers(settings.kept, settings.kept_mb << 20),
            environments=kept_environments(settings),
        ),
        channels=open_channels(told, LedgerMemory(ledger, lambda: datetime.now(UTC))),
        ring=celery_bell(settings.redis_url).ring,
        now=lambda: datetime.now(UTC),
        environ=os.environ,
        console_url=told.console_url,
        holder=f"{socket.gethostname()}:{os.getpid()}",
        product=version("gatehouse"),
        words=read_words(told.messages),
        chat=open_chat(told),
        ask_trainer=trainers_bell(settings.redis_url),
    )
