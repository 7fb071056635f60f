"""Signing keys change while requests flow: no valid token is refused, and a withdrawn key stops at once."""

import asyncio
import base64
import contextlib
import json
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sekisho.app import Server
from sekisho.kernel.settings import Settings

DOMAIN = "rotation.us.auth0.com"
AUDIENCE = "https://api.example.com/"


@dataclass
class Scene:
    """A tenant, a listener that guards an upstream with its keys, and a client that keeps one connection."""

    server: Server
    http: httpx.AsyncClient
    listener: str
    tenant: str
    credentials: dict[str, str]

    async def token(self) -> str:
        form = {"grant_type": "client_credentials", "audience": AUDIENCE, **self.credentials}
        answer = await self.http.post(f"{self.tenant}/oauth/token", json=form)
        return str(answer.json()["access_token"])

    async def status(self, token: str) -> int:
        answer = await self.http.get(f"{self.listener}/", headers={"authorization": f"Bearer {token}"})
        return answer.status_code

    async def manage(self, path: str, body: Any = None) -> Any:
        answer = await self.http.request(
            "GET" if body is None else "POST", f"{self.tenant}/api/v2/{path}", json=body or None
        )
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None


async def serve_upstream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            await writer.drain()
    writer.close()


async def build_listener(server: Server, port: int) -> None:
    async def call(operation: str, **params: Any) -> dict[str, Any]:
        return await server.control.call("elbv2", operation, params, "us-east-1")

    balancer = await call("CreateLoadBalancer", Name="a", Subnets=["subnet-11111111", "subnet-22222222"])
    group = await call(
        "CreateTargetGroup", Name="t", Protocol="HTTP", Port=port, VpcId="vpc-11111111", TargetType="ip"
    )
    group_arn = group["TargetGroups"][0]["TargetGroupArn"]
    await call("RegisterTargets", TargetGroupArn=group_arn, Targets=[{"Id": "127.0.0.1", "Port": port}])
    check = {
        "Issuer": f"https://{DOMAIN}/",
        "JwksEndpoint": f"https://{DOMAIN}/.well-known/jwks.json",
        "AdditionalClaims": [{"Format": "single-string", "Name": "aud", "Values": [AUDIENCE]}],
    }
    await call(
        "CreateListener",
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/x"}],
        DefaultActions=[
            {"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": check},
            {"Type": "forward", "Order": 2, "TargetGroupArn": group_arn},
        ],
    )


@contextlib.asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    upstream = await asyncio.start_server(serve_upstream, "127.0.0.1", 0)
    async with upstream, Server(Settings(ephemeral=True, port=0)) as server:
        trust = ssl.create_default_context(cafile=str(server.ca_path))
        async with httpx.AsyncClient(verify=trust, timeout=10) as http:
            await http.post(f"{server.url}/_sekisho/tenants", json={"domain": DOMAIN})
            await build_listener(server, upstream.sockets[0].getsockname()[1])
            urls = {endpoint.kind: endpoint.url for endpoint in await server.endpoints()}
            found = Scene(server, http, urls["alb-listener"], urls["tenant"], {})
            await found.manage("resource-servers", {"identifier": AUDIENCE})
            client = await found.manage(
                "clients", {"name": "c", "app_type": "non_interactive", "grant_types": ["client_credentials"]}
            )
            found.credentials = {name: client[name] for name in ("client_id", "client_secret")}
            await found.manage(
                "client-grants", {"client_id": client["client_id"], "audience": AUDIENCE, "scope": []}
            )
            yield found


def kid_of(token: str) -> str:
    head = token.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


@pytest.mark.slow
def test_no_valid_token_is_refused_while_keys_rotate_and_a_withdrawn_key_is() -> None:
    async def scenario() -> None:
        async with scene() as here:
            first = await here.token()
            assert await here.status(first) == 200
            statuses: list[int] = []
            tokens = [first]
            stop = asyncio.Event()

            async def load() -> None:
                while not stop.is_set():
                    statuses.extend([await here.status(token) for token in list(tokens)])

            async def more() -> None:
                seen = len(statuses)
                while len(statuses) < seen + 20:  # noqa: ASYNC110 - the load itself is what is waited for
                    await asyncio.sleep(0)

            running = asyncio.create_task(load())
            for _ in range(3):
                # The key before the previous one leaves the set with a rotation, as at Auth0.
                tokens[:] = tokens[-1:]
                await more()
                await here.manage("keys/signing/rotate", {})
                tokens.append(await here.token())
                await more()
            old, new = tokens
            assert kid_of(old) != kid_of(new)
            stop.set()
            await running
            assert set(statuses) == {200}
            kid = kid_of(old)
            begun = time.monotonic()
            answer = await here.http.put(f"{here.tenant}/api/v2/keys/signing/{kid}/revoke")
            assert answer.status_code == 201, answer.text
            assert await here.status(old) == 401
            assert time.monotonic() - begun < 1
            assert await here.status(new) == 200

    asyncio.run(scenario())
