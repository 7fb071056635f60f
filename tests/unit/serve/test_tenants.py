import asyncio
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sekisho.issuer.context import IssuerContext
from sekisho.issuer.keys import generate_private_key
from sekisho.issuer.tenants.apply import apply_tenants
from sekisho.issuer.tenants.spec import load_tenant_specs
from sekisho.kernel.clock import ManualClock
from sekisho.kernel.ids import CountingIds
from sekisho.serve.tenants.common import BODY_LIMIT, TenantDeps
from sekisho.serve.tenants.registry import tenant_url
from sekisho.serve.tenants.routes import tenant_routes
from sekisho.store.sql import SqlStore, open_sqlite

DOMAIN = "dev-abc123.us.auth0.com"
BASE = f"/_sekisho/tenants/{DOMAIN}"
SECTION: list[dict[str, Any]] = [
    {
        "domain": DOMAIN,
        "apis": [{"identifier": "https://alb.example.com/", "scopes": ["read"]}],
        "applications": [
            {
                "name": "m2m",
                "client_id": "abc123",
                "client_secret": "s3cret",
                "apis": [
                    "https://alb.example.com/",
                    {"identifier": f"https://{DOMAIN}/api/v2/", "scopes": ["read:clients"]},
                ],
            }
        ],
    }
]
GOOD = {
    "grant_type": "client_credentials",
    "client_id": "abc123",
    "client_secret": "s3cret",
    "audience": "https://alb.example.com/",
}


class Client:
    """Sends requests straight into an application, from an address of its choice."""

    def __init__(self, app: Starlette, host: str, peer: str) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(peer, 50000))
        self._base = f"http://{host}"

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url=self._base) as client:
                return await client.request(method, path, **options)

        return asyncio.run(send())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", path, **options)


Connect = Callable[..., Client]


@pytest.fixture(scope="module")
def private_keys() -> tuple[str, ...]:
    return generate_private_key(), generate_private_key()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_sqlite(tmp_path / "state.db")
    yield opened
    opened.close()


@pytest.fixture
def changes() -> list[int]:
    """The state's version at every call of ``changed``."""
    return []


@pytest.fixture
def connect(store: SqlStore, private_keys: tuple[str, ...], changes: list[int]) -> Connect:
    keys = itertools.cycle(private_keys)
    clock, ids = ManualClock(), CountingIds()

    async def changed() -> None:
        with store.read() as state:
            changes.append(state.version)

    async def other(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("another part")

    deps = TenantDeps(store, clock, ids, changed, lambda: next(keys))
    with store.write() as state:
        apply_tenants(IssuerContext(state, clock, ids, deps.new_key), load_tenant_specs(SECTION))
    app = Starlette(routes=[*tenant_routes(deps), Route("/{rest:path}", other, methods=["GET", "POST"])])

    def open_client(host: str = "127.0.0.1:4566", peer: str = "127.0.0.1") -> Client:
        return Client(app, host, peer)

    return open_client


@pytest.fixture
def client(connect: Connect) -> Client:
    return connect()


# --- where a tenant is reached -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        DOMAIN,
        f"{DOMAIN}:4566",
        DOMAIN.upper(),
        f"{DOMAIN}.localhost:4566",
        f"{DOMAIN}.auth0.localhost:4566",
    ],
)
def test_by_host(connect: Connect, host: str) -> None:
    client = connect(host)
    assert client.post("/oauth/token", json=GOOD).status_code == 200
    assert len(client.get("/.well-known/jwks.json").json()["keys"]) == 2


@pytest.mark.parametrize(
    "host", ["127.0.0.1:4566", "localhost", "[::1]:4566", "x.execute-api.localhost", "a.b"]
)
def test_other_hosts_are_another_part_s(connect: Connect, host: str) -> None:
    assert connect(host).get("/.well-known/jwks.json").text == "another part"


def test_a_domain_of_auth0_s_without_a_tenant(connect: Connect) -> None:
    for host in ("dev-nobody.us.auth0.com", "dev-nobody.us.auth0.com.localhost"):
        answer = connect(host).post("/oauth/token", json=GOOD)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_by_path(client: Client) -> None:
    assert client.post(f"{BASE}/oauth/token", json=GOOD).status_code == 200
    assert client.get(f"{BASE}/.well-known/openid-configuration").json()["issuer"] == f"https://{DOMAIN}/"
    assert client.get("/_sekisho/tenants/x.y/.well-known/jwks.json").status_code == 404
    assert tenant_url("http://127.0.0.1:4566/", DOMAIN) == f"http://127.0.0.1:4566{BASE}"


# --- the token endpoint --------------------------------------------------------------------------------------


@pytest.mark.semantics("AUTH0-30")
def test_token_by_json_form_and_basic(client: Client) -> None:
    form = {name: value for name, value in GOOD.items() if not name.startswith("client_")}
    for answer in (
        client.post(f"{BASE}/oauth/token", json=GOOD),
        client.post(f"{BASE}/oauth/token", data=GOOD),
        client.post(f"{BASE}/oauth/token", data=form, auth=("abc123", "s3cret")),
    ):
        assert answer.status_code == 200
        assert answer.json()["scope"] == "read"
        assert answer.headers["content-type"] == "application/json"
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")


def test_a_refused_token_request(client: Client) -> None:
    answer = client.post(f"{BASE}/oauth/token", json={**GOOD, "client_secret": "x"})
    assert answer.status_code == 401
    assert answer.json() == {"error": "access_denied", "error_description": "Unauthorized"}
    assert answer.headers["cache-control"] == "no-store"


def test_get_is_no_token_request(client: Client) -> None:
    assert client.get(f"{BASE}/oauth/token").status_code == 405


def test_a_body_that_is_too_large(client: Client) -> None:
    assert client.post(f"{BASE}/oauth/token", content=b"a" * (BODY_LIMIT + 1)).status_code == 413


@pytest.mark.semantics("AUTH0-22")
def test_key_sets_may_be_cached(client: Client) -> None:
    headers = client.get(f"{BASE}/.well-known/jwks.json").headers
    assert headers["cache-control"] == "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400"


def test_a_bug_is_a_500_that_tells_nothing(
    client: Client, store: SqlStore, capsys: pytest.CaptureFixture[str]
) -> None:
    store.clear()
    store._engine.dispose()
    with store.write() as state:
        state._connection.exec_driver_sql(
            "INSERT INTO resources (kind, key, scope, body) VALUES ('tenant', 'x.y', '', '{')"
        )
    answer = client.get("/_sekisho/tenants/x.y/.well-known/jwks.json")
    assert (answer.status_code, answer.json()) == (500, {"error": "server_error"})
    assert "an issuer failed" in capsys.readouterr().out


# --- the Management API --------------------------------------------------------------------------------------


def test_management_from_this_machine(client: Client, changes: list[int]) -> None:
    made = client.post(f"{BASE}/api/v2/resource-servers", json={"identifier": "https://new/x"})
    assert made.status_code == 201
    assert len(changes) == 1
    encoded = "https%3A%2F%2Fnew%2Fx"
    assert client.get(f"{BASE}/api/v2/resource-servers/{encoded}").json() == made.json()
    repeated = client.get(f"{BASE}/api/v2/resource-servers?identifiers=https://new/x&identifiers=y").json()
    assert repeated == [made.json()]
    assert len(changes) == 1
    assert client.delete(f"{BASE}/api/v2/resource-servers/{encoded}").status_code == 204
    assert len(changes) == 2


def test_management_by_host_and_token(connect: Connect) -> None:
    client = connect(DOMAIN, peer="192.0.2.7")
    assert client.get("/api/v2/clients").status_code == 401
    token = client.post("/oauth/token", json={**GOOD, "audience": f"https://{DOMAIN}/api/v2/"}).json()
    headers = {"authorization": f"Bearer {token['access_token']}"}
    assert [one["name"] for one in client.get("/api/v2/clients", headers=headers).json()] == ["m2m"]
    refused = client.post("/api/v2/clients", headers=headers, json={"name": "x"})
    assert refused.status_code == 403
    assert refused.json() == {
        "statusCode": 403,
        "error": "Forbidden",
        "message": "Insufficient scope, expected any of: create:clients",
        "errorCode": "insufficient_scope",
    }


@pytest.mark.semantics("AUTH0-25")
@pytest.mark.parametrize(
    ("host", "peer", "headers", "allowed"),
    [
        ("127.0.0.1:4566", "127.0.0.1", {}, True),
        ("localhost:4566", "::1", {}, True),
        ("[::1]:4566", "::1", {}, True),
        ("sekisho.localhost", "127.0.0.1", {"origin": "http://sekisho.localhost"}, True),
        ("127.0.0.1:4566", "192.0.2.7", {}, False),
        ("evil.example.com", "127.0.0.1", {}, False),
        ("127.0.0.1:4566", "127.0.0.1", {"origin": "https://evil.example.com"}, False),
        ("127.0.0.1:4566", "127.0.0.1", {"origin": "null"}, False),
    ],
)
def test_who_is_the_operator(
    connect: Connect, host: str, peer: str, headers: dict[str, str], allowed: bool
) -> None:
    client = connect(host, peer)
    assert client.get(f"{BASE}/api/v2/clients", headers=headers).status_code == (200 if allowed else 401)
    assert client.get("/_sekisho/tenants", headers=headers).status_code == (200 if allowed else 403)
    answer = client.post("/_sekisho/tenants", json={"domain": "a.b"}, headers=headers)
    assert answer.status_code == (201 if allowed else 403)
    answer = client.delete(BASE, headers=headers)
    assert answer.status_code == (204 if allowed else 403)


def test_bodies_that_are_no_json(client: Client) -> None:
    url = f"{BASE}/api/v2/clients"
    answer = client.post(url, content="{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_body")
    answer = client.post(url, content="{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


# --- tenants without a file ----------------------------------------------------------------------------------


def test_a_tenant_from_birth_to_death(client: Client, changes: list[int]) -> None:
    made = client.post("/_sekisho/tenants", json={"domain": "Dev-New.eu.auth0.com"})
    assert made.status_code == 201
    assert made.json() == {
        "domain": "dev-new.eu.auth0.com",
        "issuer": "https://dev-new.eu.auth0.com/",
        "jwks_uri": "https://dev-new.eu.auth0.com/.well-known/jwks.json",
        "url": "http://127.0.0.1:4566/_sekisho/tenants/dev-new.eu.auth0.com",
    }
    assert [one["domain"] for one in client.get("/_sekisho/tenants").json()] == [
        DOMAIN,
        "dev-new.eu.auth0.com",
    ]
    assert client.delete("/_sekisho/tenants/dev-new.eu.auth0.com").status_code == 204
    assert client.delete("/_sekisho/tenants/dev-new.eu.auth0.com").status_code == 404
    assert len(changes) == 2


def test_a_tenant_gets_a_domain(client: Client) -> None:
    assert client.post("/_sekisho/tenants").json()["domain"].endswith(".us.auth0.com")


@pytest.mark.parametrize("body", [{"domain": DOMAIN}, {"domain": "x"}, {"domain": 7}, {"name": "x"}, [], "x"])
def test_tenants_that_cannot_be_made(client: Client, changes: list[int], body: Any) -> None:
    answer = client.post("/_sekisho/tenants", json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert changes == []
