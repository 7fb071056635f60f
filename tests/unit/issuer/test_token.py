import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import KeySet

from sekisho.issuer.jwks import key_set
from sekisho.issuer.request import decode_token_request
from sekisho.issuer.tenants.issuer import TenantIssuer
from sekisho.issuer.token import answer_token_request, render_error
from sekisho.kernel.clock import ManualClock
from sekisho.kernel.errors import OAuthError
from sekisho.kernel.ids import CountingIds
from sekisho.model.tenants import Tenant, TenantClient
from sekisho.store.api import Store

DOMAIN = "dev-abc123.us.auth0.com"
CLIENT_ID = "client0000000000000000000000000a"
SECRET = "s3cret-of-the-m2m-application"
GOOD = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": SECRET,
    "audience": "https://alb.example.com/",
}
NOW = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp())

Ask = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def ask(tenant_store: Store, clock: ManualClock) -> Ask:
    ids = CountingIds()

    def call(body: dict[str, Any]) -> dict[str, Any]:
        request = decode_token_request("application/json", None, json.dumps(body).encode())
        with tenant_store.read() as state:
            issuer = TenantIssuer(state, state.get(Tenant, DOMAIN), clock, ids)
            return answer_token_request(issuer, request)

    return call


def decode_part(token: str, number: int) -> dict[str, Any]:
    part = token.split(".")[number]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def integer(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def verify_independently(token: str, jwk: dict[str, Any]) -> None:
    """Verify RS256 with nothing but an RSA primitive."""
    signed, _, signature = token.rpartition(".")
    public = rsa.RSAPublicNumbers(integer(jwk["e"]), integer(jwk["n"])).public_key()
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    public.verify(raw, signed.encode(), padding.PKCS1v15(), SHA256())


@pytest.mark.semantics("AUTH0-10", "AUTH0-11", "AUTH0-12", "AUTH0-14", "AUTH0-18")
def test_rfc9068_token(ask: Ask) -> None:
    answer = ask(GOOD)
    assert list(answer) == ["access_token", "scope", "expires_in", "token_type"]
    assert (answer["scope"], answer["expires_in"], answer["token_type"]) == (
        "read:a write:a",
        86400,
        "Bearer",
    )
    header, claims = decode_part(answer["access_token"], 0), decode_part(answer["access_token"], 1)
    assert (header["alg"], header["typ"], len(header["kid"])) == ("RS256", "at+jwt", 21)
    assert list(claims) == ["iss", "sub", "aud", "iat", "exp", "scope", "jti", "client_id"]
    assert claims["iss"] == f"https://{DOMAIN}/"
    assert claims["sub"] == f"{CLIENT_ID}@clients"
    assert claims["aud"] == "https://alb.example.com/"
    assert (claims["iat"], claims["exp"]) == (NOW, NOW + 86400)
    assert claims["client_id"] == CLIENT_ID
    assert claims["jti"] != decode_part(ask(GOOD)["access_token"], 1)["jti"]


@pytest.mark.semantics("AUTH0-11", "AUTH0-13")
def test_auth0_token_without_scopes(ask: Ask) -> None:
    answer = ask({**GOOD, "audience": "https://plain.example.com/"})
    assert list(answer) == ["access_token", "expires_in", "token_type"]
    header, claims = decode_part(answer["access_token"], 0), decode_part(answer["access_token"], 1)
    assert header["typ"] == "JWT"
    assert list(claims) == ["iss", "sub", "aud", "iat", "exp", "gty", "azp"]
    assert (claims["gty"], claims["azp"]) == ("client-credentials", CLIENT_ID)


@pytest.mark.semantics("AUTH0-15", "AUTH0-18")
def test_authz_token_has_the_granted_permissions(ask: Ask) -> None:
    answer = ask({**GOOD, "audience": "https://authz.example.com/"})
    claims = decode_part(answer["access_token"], 1)
    assert claims["permissions"] == ["read:b"]
    assert claims["scope"] == answer["scope"] == "read:b"
    assert answer["expires_in"] == claims["exp"] - claims["iat"] == 600


def test_requested_scopes_come_in_the_order_of_the_request(ask: Ask) -> None:
    assert ask({**GOOD, "scope": "write:a"})["scope"] == "write:a"
    assert ask({**GOOD, "scope": "write:a read:a write:a"})["scope"] == "write:a read:a"


def test_the_token_verifies_with_the_published_keys(ask: Ask, tenant_store: Store) -> None:
    token = ask(GOOD)["access_token"]
    with tenant_store.read() as state:
        keys = key_set(state, f"https://{DOMAIN}/")["keys"]
    decoded = jwt.decode(token, KeySet.import_key_set({"keys": keys}), algorithms=["RS256"])
    assert decoded.claims["aud"] == GOOD["audience"]
    current, following = keys
    assert current["kid"] == decode_part(token, 0)["kid"]
    verify_independently(token, current)
    with pytest.raises(InvalidSignature):
        verify_independently(token, following)


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in GOOD.items() if name not in names}


NO_GRANT = (
    'Client is not authorized to access "https://ungranted.example.com/". You need to create a "client-grant" '
    "associated to this API. See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants"
)
REFUSALS = [
    pytest.param(
        without("grant_type"),
        (400, "invalid_request", "Missing required parameter: grant_type"),
        marks=pytest.mark.semantics("AUTH0-01"),
    ),
    pytest.param(
        {**GOOD, "grant_type": "password"},
        (403, "unsupported_grant_type", "Unsupported grant type: password"),
        marks=pytest.mark.semantics("AUTH0-02"),
    ),
    pytest.param(
        {**GOOD, "client_secret": "wrong"},
        (401, "access_denied", "Unauthorized"),
        marks=pytest.mark.semantics("AUTH0-03"),
    ),
    pytest.param({**GOOD, "client_id": "unknown"}, (401, "access_denied", "Unauthorized")),
    pytest.param({**GOOD, "client_secret": "gehéim"}, (401, "access_denied", "Unauthorized")),
    pytest.param(without("client_secret"), (401, "access_denied", "Unauthorized")),
    pytest.param(
        without("client_id"),
        (401, "invalid_client", "Missing client_id"),
        marks=pytest.mark.semantics("AUTH0-04"),
    ),
    pytest.param(
        without("audience"),
        (403, "access_denied", "Non-global clients are not allowed access to APIv1"),
        marks=pytest.mark.semantics("AUTH0-06"),
    ),
    pytest.param(
        {**GOOD, "audience": "https://alb.example.com"},
        (403, "access_denied", "Service not found: https://alb.example.com"),
        marks=pytest.mark.semantics("AUTH0-07"),
    ),
    pytest.param(
        {**GOOD, "audience": "https://ungranted.example.com/"},
        (
            403,
            "access_denied",
            NO_GRANT,
        ),
        marks=pytest.mark.semantics("AUTH0-08"),
    ),
    pytest.param(
        {**GOOD, "scope": "read:a admin:a root:a"},
        (403, "access_denied", "Client has not been granted scopes: admin:a, root:a"),
        marks=pytest.mark.semantics("AUTH0-09"),
    ),
    pytest.param(
        {**GOOD, "audience": "https://authz.example.com/", "scope": "write:b"},
        (403, "access_denied", "Client has not been granted scopes: write:b"),
    ),
    pytest.param(
        {**GOOD, "organization": "org_1"},
        (400, "invalid_request", "Organizations are not supported by Sekisho"),
        marks=pytest.mark.semantics("AUTH0-19"),
    ),
]


@pytest.mark.parametrize(("body", "expected"), REFUSALS)
def test_refusals(ask: Ask, body: dict[str, str], expected: tuple[int, str, str]) -> None:
    with pytest.raises(OAuthError) as refused:
        ask(body)
    error = refused.value
    assert (error.status, error.error, error.description) == expected
    assert render_error(error) == {"error": expected[1], "error_description": expected[2]}


@pytest.mark.semantics("AUTH0-05")
@pytest.mark.parametrize("change", [{"grant_types": ()}, {"token_endpoint_auth_method": "none"}])
def test_a_client_without_the_grant(ask: Ask, tenant_store: Store, change: dict[str, Any]) -> None:
    with tenant_store.write() as state:
        old = state.get(TenantClient, f"{DOMAIN} {CLIENT_ID}")
        members = {
            "grant_types": old.grant_types,
            "token_endpoint_auth_method": "client_secret_post",
            **change,
        }
        state.put(TenantClient(DOMAIN, CLIENT_ID, SECRET, "m2m", **members))
    with pytest.raises(OAuthError) as refused:
        ask(GOOD)
    assert refused.value.status == 403
    assert render_error(refused.value) == {
        "error": "unauthorized_client",
        "error_description": "Grant type 'client_credentials' not allowed for the client.",
        "error_uri": "https://auth0.com/docs/clients/client-grant-types",
    }


def test_a_wrong_secret_stands_nowhere_in_the_error(ask: Ask) -> None:
    with pytest.raises(OAuthError) as refused:
        ask({**GOOD, "client_secret": "almost-the-secret"})
    error = refused.value
    assert "almost" not in f"{error} {error.hint} {render_error(error)}"
    assert error.hint == "the client_secret is another"
