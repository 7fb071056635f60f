"""A machine-to-machine application asks for its two tokens with curl, as it would ask the real tenant."""

import asyncio
import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.applications import Starlette

from sekisho.issuer.context import IssuerContext
from sekisho.issuer.keys import generate_private_key
from sekisho.issuer.tenants.apply import AppliedTenant, apply_tenants
from sekisho.issuer.tenants.spec import load_tenant_specs
from sekisho.kernel.clock import SystemClock
from sekisho.kernel.ids import RandomIds
from sekisho.serve.tenants.common import TenantDeps
from sekisho.serve.tenants.registry import tenant_url
from sekisho.serve.tenants.routes import tenant_routes
from sekisho.serve.web import WebServer, listen
from sekisho.store.sql import SqlStore, open_sqlite

DOMAIN = "dev-article.us.auth0.com"
AUDIENCES = ("https://alb.example.com/", "https://wrong.example.com/")
SECTION: list[dict[str, Any]] = [
    {
        "domain": DOMAIN,
        "apis": [{"identifier": one, "profile": "rfc9068", "scopes": ["read:products"]} for one in AUDIENCES],
        "applications": [{"name": "m2m", "apis": list(AUDIENCES)}],
    }
]

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_sqlite(tmp_path / "state.db")
    yield opened
    opened.close()


async def curl(*arguments: str) -> Any:
    process = await asyncio.create_subprocess_exec(
        "curl", "--silent", "--show-error", "--fail-with-body", *arguments, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output
    return json.loads(output)


def decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def verify(token: str, key_set: dict[str, Any]) -> dict[str, Any]:
    """Return the claims after verifying RS256 with nothing but an RSA primitive."""
    signed, _, signature = token.rpartition(".")
    header, claims = (json.loads(decode(part)) for part in signed.split("."))
    assert header["typ"] == "at+jwt"
    (key,) = [one for one in key_set["keys"] if one["kid"] == header["kid"]]
    numbers = rsa.RSAPublicNumbers(int.from_bytes(decode(key["e"])), int.from_bytes(decode(key["n"])))
    numbers.public_key().verify(decode(signature), signed.encode(), padding.PKCS1v15(), SHA256())
    checked: dict[str, Any] = claims
    return checked


async def play(deps: TenantDeps, tenant: AppliedTenant) -> list[dict[str, Any]]:
    server = WebServer(Starlette(routes=tenant_routes(deps)), listen("127.0.0.1", 0))
    await server.start()
    try:
        local = f"http://127.0.0.1:{server.port}"
        to_server = ("--connect-to", f"{DOMAIN}:80:127.0.0.1:{server.port}")
        key_set = await curl(*to_server, f"http://{DOMAIN}/.well-known/jwks.json")
        application = tenant.applications[0]
        answers = []
        for audience in AUDIENCES:
            data = {
                "client_id": application.client_id,
                "client_secret": application.client_secret.reveal(),
                "audience": audience,
                "grant_type": "client_credentials",
            }
            answer = await curl(
                *("--request", "POST"),
                *("--url", f"{tenant_url(local, DOMAIN)}/oauth/token"),
                *("--header", "content-type: application/json"),
                *("--data", json.dumps(data)),
            )
            answers.append(verify(answer["access_token"], key_set))
    finally:
        await server.stop()
    return answers


def test_two_token_requests(store: SqlStore) -> None:
    async def changed() -> None:
        return None

    deps = TenantDeps(store, SystemClock(), RandomIds(), changed, generate_private_key)
    with store.write() as state:
        ctx = IssuerContext(state, deps.clock, deps.ids, deps.new_key)
        (tenant,) = apply_tenants(ctx, load_tenant_specs(SECTION))
    right, wrong = asyncio.run(play(deps, tenant))
    assert (right["aud"], wrong["aud"]) == AUDIENCES
    for claims in (right, wrong):
        assert claims["iss"] == f"https://{DOMAIN}/"
        assert claims["scope"] == "read:products"
        assert claims["client_id"] == tenant.applications[0].client_id
        assert claims["exp"] - claims["iat"] == 86400
