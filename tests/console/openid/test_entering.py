"""Signing in by OpenID Connect, against a real provider over HTTP, which answers well, badly, or not at all."""

import time

import pytest
import requests
from pydantic import ValidationError

from console.app import create_app
from console.roles import Role
from console.signin.oidc_settings import OidcSettings
from ledger import signins
from ledger.engine import reading
from tests.console.openid.asking import back, enter, refused, seen, to_provider
from tests.console.provider import ANOTHER_KEY, CLIENT


def test_nothing_is_shown_before_one_has_signed_in(client):
    for path in ("/", "/models/m", "/models/m/1", "/channel"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/signin?next=")
    assert client.get("/healthz").status_code == 200
    assert "Sign in with 127.0.0.1" in client.get("/signin").get_data(as_text=True)


def test_a_person_is_known_by_a_verified_address_and_by_groups(client, engine, clock, provider):
    provider.person["groups"] = ["pricing", "sre", "everyone"]
    client.get("/models/m")
    client.get("/signin?next=/models/m%3Fx=1")
    assert enter(client).headers["Location"] == "/models/m?x=1"
    found = seen(engine, clock)
    assert (found.name, found.roles) == ("grace@example.org", {Role.VIEWER, Role.OPERATOR})
    assert found.groups == {"pricing", "sre", "everyone"}
    page = client.get("/")
    assert "grace@example.org" in page.get_data(as_text=True)


def test_state_nonce_and_proof_key_are_new_each_time_and_used(client):
    queries = [requests.compat.urlparse(to_provider(client)).query for _ in range(2)]
    first, second = (dict(part.split("=", 1) for part in query.split("&")) for query in queries)
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
    assert first["code_challenge_method"] == "S256"
    assert first["response_type"] == "code"


def test_nobody_signs_another_in_by_an_address_with_a_code(client, app):
    victim = app.test_client()
    refused(victim.get(back(client)), "refused")


def test_a_code_is_good_once(client, app):
    address = back(client)
    assert client.get(address).status_code == 303
    refused(client.get(address), "refused")


@pytest.mark.parametrize(
    ("bent", "sentence"),
    [
        pytest.param({"nonce": "another"}, "nonce", id="nonce of another sign-in"),
        pytest.param({"exp": int(time.time()) - 600}, "does not hold", id="expired"),
        pytest.param(
            {"iat": int(time.time()) + 6000, "nbf": int(time.time()) + 6000}, "does not hold", id="not yet"
        ),
        pytest.param({"aud": ["another"]}, "aud", id="for another client"),
        pytest.param({"aud": ["another"], "azp": CLIENT}, "aud", id="for another client, through us"),
        pytest.param({"aud": ["another", CLIENT]}, "azp", id="for several, through nobody"),
        pytest.param({"iss": "https://evil.example"}, "iss", id="of another issuer"),
        pytest.param({"sub": ""}, "sub", id="about nobody"),
        pytest.param({"sub": "u2"}, "somebody else", id="about one, while userinfo is about another"),
        pytest.param({"at_hash": "x"}, "at_hash", id="for another access token"),
    ],
)
def test_an_answer_that_does_not_hold_lets_nobody_in(client, provider, bent, sentence):
    provider.id_token = bent
    refused(enter(client), sentence)


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        pytest.param({"email_verified": False}, "made sure", id="unverified"),
        pytest.param({"email_verified": None}, "made sure", id="not said whether verified"),
        pytest.param({"email": None}, "no &#39;email&#39;", id="no address"),
        pytest.param({"email": ["a", "b"]}, "no &#39;email&#39;", id="two addresses"),
        pytest.param({"email": "x" * 3000}, "at most 200", id="3,000 characters"),
        pytest.param({"email": "gr\u202eace"}, "direction", id="a name that turns its direction"),
        pytest.param({"groups": {"a": 1}}, "no list of groups", id="groups that are none"),
        pytest.param({"groups": [1, 2]}, "no list of groups", id="groups that are figures"),
        pytest.param({"groups": ["g"] * 1001}, "more than 1,000", id="too many groups"),
    ],
)
def test_claims_that_name_nobody_let_nobody_in(client, provider, claims, sentence, engine):
    provider.person |= claims
    refused(enter(client), sentence)
    with reading(engine) as session:
        assert [each.what for each in signins.latest(session, limit=5)] == ["refused"]


@pytest.mark.parametrize("kid", ["one", "two"])
def test_a_signature_of_another_key_lets_nobody_in(client, provider, kid):
    provider.signing_key, provider.kid = ANOTHER_KEY, kid
    refused(enter(client), "does not hold")


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_an_unsigned_token_is_not_taken_even_if_the_provider_offers_it(client, provider):
    provider.algorithm, provider.metadata = (
        "none",
        {"id_token_signing_alg_values_supported": ["none", "RS256"]},
    )
    refused(enter(client), "does not hold")


def test_without_an_id_token_nobody_is_known(client, provider):
    provider.without_id_token = True
    refused(enter(client), "no ID token")


def test_a_key_that_was_replaced_is_found(client, app, provider):
    assert enter(client).status_code == 303
    provider.key = provider.signing_key = ANOTHER_KEY
    assert enter(app.test_client()).status_code == 303


def test_who_is_in_none_of_the_groups_that_may_come_in_stays_out(engine, settings, clock, provider):
    only = settings.model_copy(update={"oidc_viewers": frozenset({"staff"})})
    client = create_app(engine, only, clock=clock).test_client()
    refused(enter(client), "none of the groups that may come in: staff")
    provider.person["groups"] = ["staff"]
    assert enter(client).status_code == 303


def test_who_cancels_at_the_provider_is_told_so(client):
    to_provider(client)
    answer = client.get("/signin/oidc/back?error=access_denied&error_description=%3Cb%3Eno%3C/b%3E")
    refused(answer, "refused: &lt;b&gt;no&lt;/b&gt;")


@pytest.mark.parametrize("path", ["/signin/oidc", "/signin/oidc/back?code=x&state=y"])
@pytest.mark.parametrize("trouble", ["down", "gone", "another issuer", "no metadata"])
def test_a_provider_that_is_away_is_a_page_that_says_so(client, provider, path, trouble):
    if trouble == "down":
        provider.down = True
    elif trouble == "gone":
        provider.stop()
        provider.stop = lambda: None
    elif trouble == "another issuer":
        provider.metadata = {"issuer": "https://evil.example"}
    else:
        provider.metadata = {"authorization_endpoint": None, "issuer": None}
    answer = client.get(path)
    assert answer.status_code == 503
    assert "Try again" in answer.get_data(as_text=True)
    provider.down, provider.metadata = False, {}
    if trouble != "gone":
        assert enter(client).status_code == 303


@pytest.mark.parametrize(
    "issuer", ["http://login.example.org", "login.example.org", "ftp://x", "http://127.0.0.1.evil"]
)
def test_an_issuer_is_reached_encrypted(issuer):
    with pytest.raises(ValidationError, match="https address"):
        OidcSettings(oidc_issuer=issuer, oidc_client_id="x")


def test_a_secret_is_read_from_a_file_that_is_there(tmp_path):
    with pytest.raises(ValidationError, match="there is no file"):
        OidcSettings(
            oidc_issuer="https://login.example.org", oidc_client_id="x", oidc_client_secret_file=tmp_path
        )


def test_an_issuer_needs_a_client():
    with pytest.raises(ValidationError, match="GATEHOUSE_OIDC_CLIENT_ID"):
        OidcSettings(oidc_issuer="https://login.example.org")
