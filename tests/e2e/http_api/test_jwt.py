"""JWT authorizers on a real edge: every answer to a token, and what reaches the backend."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from .harness import AUDIENCE, Gateway, Issuer, asking, ec_key, issuing, other_key

BAD = 'Bearer scope="" error="invalid_token" error_description="{}"'
UNAUTHORIZED = b'{"message":"Unauthorized"}'


@pytest.fixture(scope="module")
def client(gateway: Gateway, issuer: Issuer) -> Iterator[httpx.Client]:
    """An API: ``/open``, ``/closed`` (header), ``/query`` (parameter) and ``/scoped`` (scopes a or b)."""
    api_id = gateway.create()
    target = gateway.proxy(api_id)
    header = {"AuthorizationType": "JWT", "AuthorizerId": gateway.jwt(api_id, issuer.url)}
    query = gateway.jwt(api_id, issuer.url, "$request.querystring.access_token")
    gateway.route(api_id, "GET /open", target)
    gateway.route(api_id, "GET /closed", target, **header)
    gateway.route(api_id, "GET /scoped", target, **header, AuthorizationScopes=["a", "b"])
    gateway.route(api_id, "GET /query", target, AuthorizationType="JWT", AuthorizerId=query)
    gateway.stage(api_id)
    with asking(gateway.url(api_id)) as found:
        yield found


def ask(client: httpx.Client, token: str | None, path: str = "/closed") -> httpx.Response:
    return client.get(path, headers={} if token is None else {"authorization": token})


def test_a_good_token_passes_with_and_without_bearer(client: httpx.Client, issuer: Issuer) -> None:
    token = issuer.token()
    for value in (token, f"Bearer {token}", f"bearer {token}"):
        answer = ask(client, value)
        assert answer.status_code == 200
        assert ["authorization", value] in answer.json()["headers"]
    assert ask(client, None, "/open").status_code == 200


def test_a_token_in_a_parameter(client: httpx.Client, issuer: Issuer) -> None:
    assert client.get("/query", params={"access_token": issuer.token()}).status_code == 200
    assert client.get("/query", params={"Access_Token": issuer.token()}).status_code == 401
    assert ask(client, issuer.token(), "/query").headers["www-authenticate"] == "Bearer"


def now() -> int:
    return int(time.time())


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "audience": ({"aud": "another"}, "the token does not have a valid audience"),
    "no audience": ({"aud": None}, "the token does not have a valid audience"),
    "expired": ({"exp": 1}, "the token has expired"),
    "no expiry": ({"exp": None}, "the token has expired"),
    "issuer": ({"iss": "https://another.example"}, "the token does not have a valid issuer"),
    "not yet": ({"nbf": now() + 3600}, "the token is not valid yet"),
    "from the future": ({"iat": now() + 3600}, "the token was issued in the future"),
    "signature": ({"key": other_key()}, "crypto/rsa: verification error"),
    "unknown kid": (
        {"header": {"kid": "second"}},
        "unable to find a signing key that matches the kid",
    ),
    "no kid": ({"header": {"kid": None}}, "unable to find a signing key that matches the kid"),
    "ES256": ({"key": ec_key(), "header": {"alg": "ES256"}}, "signing method ES256 is invalid"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_bad_token_gets(client: httpx.Client, issuer: Issuer, case: str) -> None:
    wrong, description = REFUSED[case]
    answer = ask(client, issuer.token(**wrong))
    assert answer.status_code == 401
    assert answer.content == UNAUTHORIZED
    assert answer.headers["content-length"] == "26"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["www-authenticate"] == BAD.format(description)
    assert len(answer.headers["apigw-requestid"]) == 16


@pytest.mark.parametrize(
    ("token", "challenge"),
    [
        (None, "Bearer"),
        ("", "Bearer"),
        ("nonsense", BAD.format("token contains an invalid number of segments")),
        ("Bearer a.b", BAD.format("token contains an invalid number of segments")),
        ("a.b.c,d.e.f", BAD.format("token contains an invalid number of segments")),
        ("eyJhbGciOiJub25lIn0.e30.AA", BAD.format("signing method none is invalid")),
        ("e30.e30.AA", BAD.format("signing method (alg) is unspecified.")),
        ("e!0.e30.AA", BAD.format("illegal base64 data at input byte 1")),
    ],
)
def test_what_is_no_token_gets(client: httpx.Client, token: str | None, challenge: str) -> None:
    answer = ask(client, token)
    assert (answer.status_code, answer.content) == (401, UNAUTHORIZED)
    assert answer.headers["www-authenticate"] == challenge


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"scope": "x a"}, 200),
        ({"scp": ["b"]}, 200),
        ({"scope": "a", "scp": ["x"]}, 403),
        ({"scope": "x"}, 403),
        ({}, 403),
    ],
)
def test_scopes(client: httpx.Client, issuer: Issuer, claims: dict[str, Any], status: int) -> None:
    answer = ask(client, issuer.token(**claims), "/scoped")
    assert answer.status_code == status
    if status == 403:
        assert answer.content == b'{"message":"Forbidden"}'
        assert answer.headers["www-authenticate"] == 'Bearer scope="a b" error="insufficient_scope"'


def test_a_client_id_counts_where_there_is_no_audience(client: httpx.Client, issuer: Issuer) -> None:
    assert ask(client, issuer.token(aud=None, client_id=AUDIENCE)).status_code == 200
    assert ask(client, issuer.token(aud="x", client_id=AUDIENCE)).status_code == 401


def test_an_issuer_that_is_gone_or_broken(gateway: Gateway) -> None:
    with issuing() as issuer:
        api_id = gateway.create()
        target = gateway.proxy(api_id)
        authorizer = gateway.jwt(api_id, issuer.url)
        del issuer.pages["/jwks"]
        gateway.route(api_id, "GET /", target, AuthorizationType="JWT", AuthorizerId=authorizer)
        gateway.stage(api_id)
        token = issuer.token()
        with asking(gateway.url(api_id)) as client:
            answer = ask(client, token, "/")
            assert (answer.status_code, answer.content) == (401, UNAUTHORIZED)
            assert answer.headers["www-authenticate"] == BAD.format("JWKS communication error")
    other = issuing()
    with other as issuer:
        api_id = gateway.create()
        target = gateway.proxy(api_id)
        authorizer = gateway.jwt(api_id, issuer.url)
        issuer.pages.clear()
        gateway.route(api_id, "GET /", target, AuthorizationType="JWT", AuthorizerId=authorizer)
        gateway.stage(api_id)
        with asking(gateway.url(api_id)) as client:
            answer = ask(client, issuer.token(), "/")
            assert answer.status_code == 401
            expected = BAD.format("OIDC discovery endpoint communication error")
            assert answer.headers["www-authenticate"] == expected


def test_an_issuer_that_does_not_answer_is_refused(gateway: Gateway) -> None:
    api_id = gateway.create()
    with pytest.raises(gateway.api.exceptions.BadRequestException, match="Invalid issuer"):
        gateway.jwt(api_id, "http://127.0.0.1:9")
    assert gateway.api.get_authorizers(ApiId=api_id)["Items"] == []


def test_the_commands_of_the_documentation(gateway: Gateway, issuer: Issuer) -> None:
    """The two commands as https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    prints them, with ids and issuer filled in."""
    api_id = gateway.create()
    route_id = gateway.route(api_id, "GET /", gateway.proxy(api_id))
    gateway.stage(api_id)
    made = gateway.server.aws_json(
        *("apigatewayv2", "create-authorizer"),
        *("--name", "authorizer-name"),
        *("--api-id", api_id),
        *("--authorizer-type", "JWT"),
        *("--identity-source", "$request.header.Authorization"),
        *("--jwt-configuration", f"Audience={AUDIENCE},Issuer={issuer.url}"),
    )
    changed = gateway.server.aws_json(
        *("apigatewayv2", "update-route"),
        *("--api-id", api_id),
        *("--route-id", route_id),
        *("--authorization-type", "JWT"),
        *("--authorizer-id", made["AuthorizerId"]),
        *("--authorization-scopes", "user.email"),
    )
    assert changed["AuthorizationScopes"] == ["user.email"]
    with asking(gateway.url(api_id)) as client:
        assert ask(client, None, "/").status_code == 401
        assert ask(client, issuer.token(), "/").status_code == 403
        assert ask(client, issuer.token(scope="user.email"), "/").status_code == 200


def test_the_audit_agrees(gateway: Gateway) -> None:
    assert gateway.server.get("/_sekisho/health")["parts"]["audit"] == "ok"
