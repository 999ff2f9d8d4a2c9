"""The webhook by which an MLflow server tells Gatehouse what happens in its model registry."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mlflow import MlflowClient
from mlflow.entities.webhook import Webhook, WebhookEvent, WebhookEventStr

from registry.errors import RegistryRefused, RegistryUnavailable
from registry.mlflow_connection import connect, translated

NAME = "gatehouse"
"""What our webhook is called at MLflow; others are not ours to touch."""
EVENTS: tuple[WebhookEventStr, ...] = (
    "registered_model.created",
    "model_version.created",
    "model_version_tag.set",
    "model_version_tag.deleted",
    "model_version_alias.created",
    "model_version_alias.deleted",
)
"""All that MLflow can tell of a model registry; it has no event for a stage change or a deletion."""

_TRAPS = {
    "Invalid webhook URL scheme": "start the MLflow server with MLFLOW_WEBHOOK_ALLOWED_SCHEMES=http,https, "
    "or give an https address",
    "non-public IP address": "start the MLflow server with MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS=true",
}
_UNREADABLE = "too many 500 error responses"


@dataclass(frozen=True)
class Hook:
    """A webhook as MLflow shows it: everything but its secret."""

    id: str
    name: str
    url: str
    events: tuple[str, ...]
    active: bool

    @property
    def ours(self) -> bool:
        """Whether it is the one that Gatehouse keeps."""
        return self.name == NAME

    @property
    def missing(self) -> tuple[str, ...]:
        """The events of a model registry that it does not send."""
        return tuple(event for event in EVENTS if event not in self.events)


@dataclass(frozen=True)
class Tested:
    """How MLflow's own test of a webhook went; `status` is None where nobody answered."""

    success: bool
    status: int | None
    said: str


def ensure_webhook(uri: str, *, name: str, url: str, secret: str) -> bool:
    """Have exactly one active webhook called `name` at the MLflow server `uri`, to `url`, for all EVENTS.

    True if it was created or differed. MLflow never shows a secret, so the secret is set anew each time.
    Raises RegistryRefused with the remedy where the server's own settings stand in the way.
    """
    client = connect(uri)
    with _remedied(uri, url):
        return _ensure(client, name, url, secret)


def list_webhooks(uri: str) -> list[Hook]:
    """Every webhook at the MLflow server. Raises RegistryRefused, also to who is not its admin."""
    client = connect(uri)
    with _remedied(uri, "the receiver"):
        return [_hook(known) for known in _all(client)]


def send_sample(uri: str, hook: Hook) -> Tested:
    """Have MLflow test a webhook: it sends a sample of a new version, which nothing marks as one."""
    client = connect(uri)
    with _remedied(uri, hook.url):
        tested = client.test_webhook(hook.id, "model_version.created")
    said = tested.error_message or tested.response_body or ""
    return Tested(tested.success, tested.response_status, said)


@contextmanager
def _remedied(uri: str, url: str) -> Iterator[None]:
    """Raise what MLflow raises inside in our words, with what to do about the traps of its webhooks."""
    try:
        with translated(uri):
            yield
    except RegistryRefused as refusal:
        raise RegistryRefused(_with_remedy(str(refusal), url)) from refusal
    except RegistryUnavailable as fault:
        if _UNREADABLE not in str(fault):
            raise
        raise RegistryRefused(
            f"MLflow at {uri} cannot read its own webhooks: most likely the secret of one was written under "
            "another key. Start the server with the MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY used then; if it is "
            "lost, or never was set, set one and empty the table 'webhooks' of MLflow's database"
        ) from fault


def _hook(known: Webhook) -> Hook:
    events = tuple(sorted(str(event) for event in known.events))
    return Hook(known.webhook_id, known.name, known.url, events, active=known.status.is_active())


def _ensure(client: MlflowClient, name: str, url: str, secret: str) -> bool:
    events: list[WebhookEventStr | WebhookEvent] = [*EVENTS]
    same_name = [hook for hook in _all(client) if hook.name == name]
    if not same_name:
        client.create_webhook(name, url, events, secret=secret, description="Gatehouse's doorbell")
        return True
    known, *twins = same_name
    for twin in twins:
        client.delete_webhook(twin.webhook_id)
    client.update_webhook(known.webhook_id, url=url, events=events, secret=secret, status="ACTIVE")
    return bool(twins) or not _is_as_wanted(known, url)


def _all(client: MlflowClient) -> Iterator[Webhook]:
    token = None
    while True:
        page = client.list_webhooks(page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _is_as_wanted(known: Webhook, url: str) -> bool:
    hook = _hook(known)
    return hook.url == url and set(hook.events) == set(EVENTS) and hook.active


def _with_remedy(refusal: str, url: str) -> str:
    remedy = next((remedy for sign, remedy in _TRAPS.items() if sign in refusal), None)
    return f"MLflow refuses the webhook to {url}: {remedy} ({refusal})" if remedy else refusal
