"""The local stack as it is, with databases of our choice, a courier before its receiver, and two workers."""

import os
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

from gatehouse.stack.ports import Ports, choose
from gatehouse.stack.services import services
from gatehouse.stack.site import Site

POLICIES = Path(__file__).with_name("policies")
WEBHOOK_SECRET = "a secret of the chaos test"
PLUGIN_KEY = b"thirty-two bytes of chaos' own.."
PLUGIN_SECRET = f"whsec_{b64encode(PLUGIN_KEY).decode()}"
MLFLOW_KEY = b64encode(bytes(32)).decode()
SWEEP_FULLY_EVERY_S = 5
TOLD = {"GATEHOUSE_SPARES": "0", "GATEHOUSE_SWEEP_FULLY_EVERY_S": str(SWEEP_FULLY_EVERY_S)}
"""No model is run here; and nobody waits a minute to see whether nothing was missed."""
KEYS = {"/webhooks/mlflow": WEBHOOK_SECRET.encode(), "/webhooks/gatehouse": PLUGIN_KEY}


def make_site(home, sink):
    """Ports of its own; messages go to the sink."""
    ports = choose(Ports(0, 0, 0, 0), lambda _: None)
    environ = os.environ | {"GATEHOUSE_SLACK_WEBHOOK_URL": sink.url}
    return Site(home.path, ports, POLICIES, environ, worker_environ={})


def table(site, database, courier):
    """The services of one run."""
    told = services(
        site,
        webhook_secret=WEBHOOK_SECRET,
        plugin_secret=PLUGIN_SECRET,
        mlflow_key=MLFLOW_KEY,
        console_secret="",
    )
    found = {service.name: service for service in told}
    del found["console"]
    worker = found.pop("worker")
    for number in (1, 2):
        name = f"worker-{number}"
        command = tuple(word.replace("worker@", f"{name}@") for word in worker.command)
        found[name] = replace(worker, name=name, command=command)
    ours = {"GATEHOUSE_LEDGER_URL": database.ledger_url, "GATEHOUSE_RECEIVER_URL": courier.url}
    return [_ours(service, database, ours) for service in found.values()]


def _ours(service, database, ours):
    known = {name: text for name, text in ours.items() if name in service.environment}
    extra = TOLD if "celery" in service.command else {}
    command = list(service.command)
    if service.name == "mlflow":
        command[command.index("--backend-store-uri") + 1] = database.mlflow_url
    return replace(
        service, command=tuple(command), environment=dict(service.environment) | known | extra, needs=()
    )
