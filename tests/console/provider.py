"""A real OpenID provider, of Authlib's own server part: code flow with PKCE, refresh tokens, userinfo.

Its one person signs in without being asked. What it claims can be bent: a claim given as `id_token` stands in
the ID token in place of the right one.
"""

import threading
from types import SimpleNamespace

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, abort, jsonify, request
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

KEY, ANOTHER_KEY = (
    RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}) for kid in ("one", "two")
)
CLIENT, SECRET = "gatehouse", "client-secret"
LASTS_S = 3600


class Client(ClientMixin):
    client_id = CLIENT

    def get_client_id(self):
        return CLIENT

    def get_default_redirect_uri(self):
        return None

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri == Provider.back_to

    def check_client_secret(self, client_secret):
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type in {"authorization_code", "refresh_token"}


class Code(SimpleNamespace):
    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope

    def get_nonce(self):
        return self.nonce

    def get_auth_time(self):
        return None

    get_acr = get_amr = get_auth_time


class Token(SimpleNamespace):
    def is_expired(self):
        return False

    def is_revoked(self):
        return not self.provider.person

    def get_scope(self):
        return self.scope

    def check_client(self, client):
        return True


class Provider:
    """`person` is what userinfo says; {}: removed. `id_token` bends the ID token; `down` answers 503 to all."""

    back_to = "http://127.0.0.1:5080/signin/oidc/back"

    def __init__(self):
        self.key, self.algorithm, self.kid = KEY, "RS256", None
        self.person = {
            "sub": "u1",
            "email": "grace@example.org",
            "email_verified": True,
            "groups": ["pricing"],
        }
        self.id_token, self.metadata = {}, {}
        self.down, self.without_id_token, self.lasts = False, False, LASTS_S
        self.codes, self.tokens, self.asked = {}, [], []
        self.signing_key = self.key
        self.server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def _app(self):
        app = Flask(__name__)
        app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
        oauth = AuthorizationServer(
            app, query_client=lambda name: Client() if name == CLIENT else None, save_token=self._save
        )
        oauth.register_grant(_code_grant(self), [CodeChallenge(required=True), _open_id(self)])
        oauth.register_grant(_refresh_grant(self))
        protect = ResourceProtector()
        protect.register_token_validator(_validator(self))
        app.before_request(self._note)
        app.add_url_rule("/.well-known/openid-configuration", "about", self._about)
        app.add_url_rule("/jwks", "jwks", lambda: jsonify(KeySet([self.key]).as_dict(private=False)))
        app.add_url_rule("/authorize", "authorize", lambda: self._authorize(oauth))
        app.add_url_rule("/token", "token", oauth.create_token_response, methods=["POST"])
        app.add_url_rule("/userinfo", "userinfo", protect()(lambda: jsonify(current_token.provider.person)))
        return app

    def _note(self):
        self.asked.append(request.path)
        if self.down:
            abort(503)

    def _about(self):
        names = ("authorize", "token", "userinfo", "jwks")
        keys = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
        places = {key: f"{self.issuer}/{name}" for key, name in zip(keys, names, strict=True)}
        return jsonify(
            {"issuer": self.issuer, "id_token_signing_alg_values_supported": ["RS256"]}
            | places
            | self.metadata
        )

    def _authorize(self, oauth):
        grant = oauth.get_consent_grant(end_user=self)
        return oauth.create_authorization_response(grant_user=self, grant=grant)

    def _save(self, token, request):
        token["expires_in"] = self.lasts
        self.tokens.append(Token(**token, provider=self))


def _code_grant(provider):
    class CodeGrant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)
        INCLUDE_REFRESH_TOKEN = True

        def save_authorization_code(self, code, request):
            data = request.payload.data
            provider.codes[code] = Code(
                code=code, redirect_uri=data["redirect_uri"], scope=data["scope"], nonce=data.get("nonce"),
                code_challenge=data["code_challenge"], code_challenge_method=data["code_challenge_method"],
            )  # fmt: skip

        def query_authorization_code(self, code, client):
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code):
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code):
            return provider

    return CodeGrant


def _refresh_grant(provider):
    class RefreshGrant(grants.RefreshTokenGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)
        INCLUDE_NEW_REFRESH_TOKEN = True

        def authenticate_refresh_token(self, refresh_token):
            known = [each for each in provider.tokens if each.refresh_token == refresh_token]
            return known[0] if known and provider.person else None

        def authenticate_user(self, refresh_token):
            return provider

        def revoke_old_credential(self, refresh_token):
            provider.tokens.remove(refresh_token)

    return RefreshGrant


def _open_id(provider):
    class OpenId(OpenIDCode):
        def resolve_client_private_key(self, client):
            return provider.signing_key

        def get_client_algorithm(self, client):
            return provider.algorithm

        def get_encode_header(self, client):
            return {"alg": provider.algorithm, "kid": provider.kid or provider.signing_key.kid}

        def get_client_claims(self, client):
            return {"iss": provider.issuer, "aud": [CLIENT]}

        def exists_nonce(self, nonce, request):
            return False

        def generate_user_info(self, user, scope):
            return provider.person | provider.id_token

        def process_token(self, grant, response):
            token = super().process_token(grant, response)
            if provider.without_id_token:
                del token["id_token"]
            return token

    return OpenId(require_nonce=True)


def _validator(provider):
    class Validator(BearerTokenValidator):
        def authenticate_token(self, token_string):
            return next((each for each in provider.tokens if each.access_token == token_string), None)

    return Validator()
