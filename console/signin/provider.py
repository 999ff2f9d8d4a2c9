"""The OpenID provider, asked by Authlib: code flow with state, nonce and PKCE.

Which claims make whom is `claims`' matter; here is only what must hold of an answer before it is read.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, g
from joserfc.errors import JoseError
from requests import HTTPError, RequestException
from werkzeug.wrappers import Response

from console.signin.errors import ProviderUnavailable, SigninRefused
from console.signin.oidc_settings import OidcSettings

PATIENCE_S = 5
"""How long the provider may take for an answer, in seconds."""
SIGNED_BY = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
"""Signatures that only the provider can make: no "none", and nothing that a shared secret makes."""
GONE = {400, 401, 403, 404}
"""What a provider answers about somebody whom it no longer vouches for."""


RENEWED = "oidc_renewed"
KEPT = ("access_token", "refresh_token", "token_type", "expires_at")

Claims = Mapping[str, Any]
Token = dict[str, Any]


class Provider:
    """One issuer and our client there; its metadata are read at the first need and kept."""

    def __init__(self, app: Flask, settings: OidcSettings) -> None:
        self._settings = settings
        self._client = OAuth(app).register(
            name="oidc",
            client_id=settings.oidc_client_id,
            client_secret=settings.client_secret,
            update_token=_keep_renewed,
            server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings.oidc_scopes,
                "code_challenge_method": "S256",
                "default_timeout": PATIENCE_S,
            },
        )

    def away(self, back_to: str) -> Response:
        """Send the browser to the provider. Raises ProviderUnavailable."""
        with self._asked():
            self._metadata()
            response: Response = self._client.authorize_redirect(back_to)
        return response

    def answered(self) -> tuple[Claims, Token]:
        """Claims and token of whoever comes back. Raises SigninRefused, ProviderUnavailable."""
        with self._asked():
            metadata = self._metadata()
            wanted = {
                "iss": {"essential": True, "value": metadata["issuer"]},
                "aud": {"essential": True, "value": self._settings.oidc_client_id},
            }
            token = self._client.authorize_access_token(claims_options=wanted)
            if "userinfo" not in token:
                raise SigninRefused("The sign-in service sent no ID token.")
            claims = dict(token["userinfo"])
            if "userinfo_endpoint" in metadata:
                claims = self._more(claims["sub"], token) | claims
        return claims, _kept(g.pop(RENEWED, token))

    def again(self, subject: str, token: Token) -> tuple[Claims, Token]:
        """What it claims of them now, and the token to ask with next time; the same errors."""
        with self._asked():
            if "userinfo_endpoint" not in self._metadata():
                raise SigninRefused("The sign-in service cannot be asked again; sign in anew.")
            claims = self._more(subject, token)
        return claims, _kept(g.pop(RENEWED, token))

    def _metadata(self) -> Mapping[str, Any]:
        metadata: dict[str, Any] = self._client.load_server_metadata()
        if metadata.get("issuer") != self._settings.oidc_issuer:
            told = metadata.get("issuer")
            self._client.server_metadata.pop("_loaded_at", None)
            raise ProviderUnavailable(f"the issuer calls itself {told!r}, not {self._settings.oidc_issuer!r}")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [a for a in offered if a in SIGNED_BY] or [
            "RS256"
        ]
        return metadata

    def _more(self, subject: str, token: Token) -> dict[str, Any]:
        """The claims of the userinfo endpoint, which must be of the same subject."""
        found = dict(self._client.userinfo(token=token))
        if found.get("sub") != subject:
            raise SigninRefused("The sign-in service answered about somebody else.")
        return found

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Tell a refusal from a provider that is away."""
        try:
            yield
        except OAuthError as error:
            raise SigninRefused(
                f"The sign-in service refused: {error.description or error.error}."
            ) from error
        except HTTPError as error:
            if error.response is not None and error.response.status_code in GONE:
                raise SigninRefused("The sign-in service no longer vouches for you.") from error
            raise ProviderUnavailable(str(error)) from error
        except (RequestException, RuntimeError) as error:
            raise ProviderUnavailable(str(error)) from error
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise SigninRefused(f"The sign-in service's answer does not hold: {error}.") from error


def _kept(token: Token) -> Token:
    return {name: token[name] for name in KEPT if name in token}


def _keep_renewed(token: Token, **_old: str) -> None:
    """Authlib renews a token that ran out by itself; the new one is for the next time."""
    setattr(g, RENEWED, token)
