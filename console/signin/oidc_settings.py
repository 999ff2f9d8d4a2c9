"""Which OpenID provider says who people are, and which of its groups are which roles here."""

from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import field_validator, model_validator
from pydantic_settings import NoDecode

from registry.settings import RoomSettings

NEAR = {"127.0.0.1", "localhost", "::1"}
Listed = Annotated[frozenset[str], NoDecode]
"""Words set apart by commas."""


class OidcSettings(RoomSettings):
    """Without an issuer there is no OpenID sign-in, and the console is open to read."""

    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret_file: Path | None = None
    """None: the provider knows us as a public client, which PKCE alone protects."""
    oidc_scopes: str = "openid email profile"
    oidc_name_claim: str = "email"
    """What people are called here: as reviewers are listed, and as MLflow names authors."""
    oidc_groups_claim: str = "groups"
    oidc_viewers: Listed = frozenset()
    """Groups whose members may come in; none: whoever the provider knows."""
    oidc_operators: Listed = frozenset()
    oidc_admins: Listed = frozenset()

    @field_validator("oidc_viewers", "oidc_operators", "oidc_admins", mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        return frozenset(filter(None, map(str.strip, given.split(",")))) if isinstance(given, str) else given

    @field_validator("oidc_issuer")
    @classmethod
    def _encrypted(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        if issuer and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in NEAR):
            raise ValueError("an issuer is an https address, such as https://login.example.org/realms/team")
        return issuer

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("GATEHOUSE_OIDC_ISSUER needs GATEHOUSE_OIDC_CLIENT_ID beside it")
        if self.oidc_client_secret_file and not self.oidc_client_secret_file.is_file():
            raise ValueError(
                f"GATEHOUSE_OIDC_CLIENT_SECRET_FILE: there is no file {self.oidc_client_secret_file}"
            )
        if self.oidc_issuer and "openid" not in self.oidc_scopes.split():
            raise ValueError("GATEHOUSE_OIDC_SCOPES must have openid among them")
        return self

    @property
    def closed(self) -> bool:
        """Whether reading needs a sign-in."""
        return bool(self.oidc_issuer)

    @property
    def client_secret(self) -> str | None:
        """The secret as it stands in its file now."""
        file = self.oidc_client_secret_file
        return None if file is None else file.read_text(encoding="utf-8").strip()
