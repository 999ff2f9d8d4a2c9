"""Where one stack stands, and which settings and variables a service of it may be given."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gatehouse.stack.ports import HOST, Ports

_PLAIN = (
    *("PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH"),
    *("PYTHONPATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
)


@dataclass(frozen=True)
class Site:
    """A home, its ports and policies, and the environment of whoever starts the stack.

    `worker_environ` is for the workers alone, such as what the policies' data sets name as `${NAME}`.
    """

    home: Path
    ports: Ports
    policies: Path
    environ: Mapping[str, str]
    worker_environ: Mapping[str, str]

    @property
    def registry_url(self) -> str:
        """The MLflow server."""
        return f"http://{HOST}:{self.ports.mlflow}"

    @property
    def receiver_url(self) -> str:
        """The webhook receiver."""
        return f"http://{HOST}:{self.ports.receiver}"

    @property
    def console_url(self) -> str:
        """The pages for people."""
        return f"http://{HOST}:{self.ports.console}"

    @property
    def settings(self) -> dict[str, str]:
        """Everything but secrets, as the rooms' settings are named."""
        return {
            "GATEHOUSE_REGISTRY_URL": self.registry_url,
            "GATEHOUSE_LEDGER_URL": f"sqlite:///{self.home / 'ledger.db'}",
            "GATEHOUSE_REDIS_URL": f"redis://{HOST}:{self.ports.redis}/0",
            "GATEHOUSE_CONSOLE_URL": self.console_url,
            "GATEHOUSE_RECEIVER_URL": self.receiver_url,
            "GATEHOUSE_POLICIES": str(self.policies),
        }

    def environment(self, *names: str) -> dict[str, str]:
        """An environment with these settings, named without their prefix, and what any program may know."""
        told = {f"GATEHOUSE_{name}": self.settings[f"GATEHOUSE_{name}"] for name in names}
        return self.kept(*_PLAIN) | {"PYTHONUNBUFFERED": "1"} | told

    def kept(self, *names: str) -> dict[str, str]:
        """Variables of these names, where the starter has them."""
        return {name: self.environ[name] for name in names if name in self.environ}
