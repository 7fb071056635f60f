"""A server in this process with a tenant, a guarded listener and an upstream: what many end-to-end tests begin with."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

from sekisho.app import Server
from sekisho.kernel.settings import Settings

DOMAIN = "scene.us.auth0.com"
AUDIENCE = "https://api.example.com/"


@dataclass
class Scene:
    """A tenant, a listener that guards an upstream with its keys, and a client that keeps one connection."""

    server: Server
    http: httpx.AsyncClient
    listener: str
    tenant: str
    balancer: str
    credentials: dict[str, str]

    async def token(self) -> str:
        form = {"grant_type": "client_credentials", "audience": AUDIENCE, **self.credentials}
        answer = await self.http.post(f"{self.tenant}/oauth/token", json=form)
        return str(answer.json()["access_token"])

    async def status(self, token: str) -> int:
        answer = await self.http.get(f"{self.listener}/", headers={"authorization": f"Bearer {token}"})
        return answer.status_code

    async def add_rule(self, path: str, jwks: str, priority: int, **check: Any) -> str:
        """Guard a path with other keys or claims; return the rule's ARN."""
        listeners = await self.call("DescribeListeners", LoadBalancerArn=self.balancer)
        listener = listeners["Listeners"][0]
        config = {"Issuer": f"https://{DOMAIN}/", "JwksEndpoint": jwks, **check}
        made = await self.call(
            "CreateRule",
            ListenerArn=listener["ListenerArn"],
            Priority=priority,
            Conditions=[{"Field": "path-pattern", "Values": [path]}],
            Actions=[
                {"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": config},
                {**listener["DefaultActions"][-1], "Order": 2},
            ],
        )
        return str(made["Rules"][0]["RuleArn"])

    async def call(self, operation: str, **params: Any) -> dict[str, Any]:
        return await self.server.control.call("elbv2", operation, params, "us-east-1")

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


async def build_listener(server: Server, port: int) -> str:
    """Return the load balancer's ARN."""

    async def call(operation: str, **params: Any) -> dict[str, Any]:
        return await server.control.call("elbv2", operation, params, "us-east-1")

    made = await call("CreateLoadBalancer", Name="a", Subnets=["subnet-11111111", "subnet-22222222"])
    balancer = str(made["LoadBalancers"][0]["LoadBalancerArn"])
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
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/x"}],
        DefaultActions=[
            {"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": check},
            {"Type": "forward", "Order": 2, "TargetGroupArn": group_arn},
        ],
    )
    return balancer


@contextlib.asynccontextmanager
async def scene(settings: Settings | None = None) -> AsyncIterator[Scene]:
    upstream = await asyncio.start_server(serve_upstream, "127.0.0.1", 0)
    async with upstream, Server(settings or Settings(ephemeral=True, port=0)) as server:
        trust = ssl.create_default_context(cafile=str(server.ca_path))
        async with httpx.AsyncClient(verify=trust, timeout=10) as http:
            await http.post(f"{server.url}/_sekisho/tenants", json={"domain": DOMAIN})
            balancer = await build_listener(server, upstream.sockets[0].getsockname()[1])
            urls = {endpoint.kind: endpoint.url for endpoint in await server.endpoints()}
            found = Scene(server, http, urls["alb-listener"], urls["tenant"], balancer, {})
            await found.manage("resource-servers", {"identifier": AUDIENCE})
            client = await found.manage(
                "clients", {"name": "c", "app_type": "non_interactive", "grant_types": ["client_credentials"]}
            )
            found.credentials = {name: client[name] for name in ("client_id", "client_secret")}
            await found.manage(
                "client-grants", {"client_id": client["client_id"], "audience": AUDIENCE, "scope": []}
            )
            yield found
