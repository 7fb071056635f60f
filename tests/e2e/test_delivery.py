"""Configuration reaches a real Envoy: acknowledged, in order, and again after Envoy died."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc
import pytest
from envoy.config.core.v3.extension_pb2 import TypedExtensionConfig
from envoy.config.listener.v3.listener_pb2 import Listener
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.filters.http.lua.v3 import lua_pb2
from envoy.extensions.filters.http.router.v3 import router_pb2
from envoy.extensions.filters.network.http_connection_manager.v3 import http_connection_manager_pb2
from envoy.service.discovery.v3 import ads_pb2_grpc
from google.protobuf import json_format

from sekisho.compile.compile import Compiled
from sekisho.model.ir import Edge as EdgeIr
from sekisho.serve.edge import Edge
from sekisho.serve.envoy import EnvoySupervisor, bootstrap, find_envoy
from sekisho.serve.xds import EXTENSION, LISTENER, ROUTES, AdsServer

# Parsing ``@type`` needs these registered.
_NEEDED = (lua_pb2, router_pb2, http_connection_manager_pb2)
_TYPE = "type.googleapis.com/envoy.extensions.filters."
_ADS = {"ads": {}, "resource_api_version": "V3"}


def listener(port: int) -> Listener:
    lua = {"config_source": _ADS, "type_urls": [_TYPE + "http.lua.v3.Lua"]}
    manager = {
        "@type": _TYPE + "network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "edge",
        "rds": {"route_config_name": "routes", "config_source": _ADS},
        "http_filters": [
            {"name": "lua", "config_discovery": lua},
            {"name": "router", "typed_config": {"@type": _TYPE + "http.router.v3.Router"}},
        ],
    }
    shape = {
        "name": "edge",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    return json_format.ParseDict(shape, Listener())


def routes(body: str) -> RouteConfiguration:
    route = {"match": {"prefix": "/"}, "direct_response": {"status": 200, "body": {"inline_string": body}}}
    hosts = [{"name": "all", "domains": ["*"], "routes": [route]}]
    return json_format.ParseDict({"name": "routes", "virtual_hosts": hosts}, RouteConfiguration())


def lua(source: str) -> TypedExtensionConfig:
    config = {"@type": _TYPE + "http.lua.v3.Lua", "default_source_code": {"inline_string": source}}
    return json_format.ParseDict({"name": "lua", "typed_config": config}, TypedExtensionConfig())


def compiled(
    version: int, port: int | None, body: str, source: str = "function envoy_on_request(h) end"
) -> Compiled:
    resources: dict[str, Any] = {}
    if port is not None:
        resources = {
            LISTENER: {"edge": listener(port)},
            ROUTES: {"routes": routes(body)},
            EXTENSION: {"lua": lua(source)},
        }
    return Compiled(version=version, edge=EdgeIr(), resources=resources, diagnostics=())


async def fetch(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    body = await reader.readexactly(length)
    writer.close()
    return body


@asynccontextmanager
async def edge_of_one_envoy() -> AsyncIterator[tuple[Edge, EnvoySupervisor, int]]:
    with TemporaryDirectory() as folder, socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        ads = AdsServer()
        server = grpc.aio.server()
        ads_pb2_grpc.add_AggregatedDiscoveryServiceServicer_to_server(ads, server)
        server.add_insecure_port(f"unix:{folder}/control.sock")
        await server.start()
        envoy = EnvoySupervisor(find_envoy(), Path(folder) / "bootstrap.json")
        await envoy.start(bootstrap(Path(folder) / "control.sock", Path(folder) / "admin.sock", "test"))
        try:
            yield Edge(ads, "127.0.0.1"), envoy, reserved.getsockname()[1]
        finally:
            await envoy.stop()
            await server.stop(None)


Scenario = Callable[[Edge, EnvoySupervisor, int], Awaitable[None]]


def run(scenario: Scenario) -> None:
    async def main() -> None:
        async with edge_of_one_envoy() as (edge, envoy, port):
            await scenario(edge, envoy, port)

    asyncio.run(main())


def test_a_published_change_is_in_force_when_publish_returns() -> None:
    async def scenario(edge: Edge, _envoy: EnvoySupervisor, port: int) -> None:
        for version in range(20):
            published = await edge.publish(compiled(version, port, f"v{version}"))
            assert published.acknowledged
            assert await fetch(port) == f"v{version}".encode()

    run(scenario)


def test_listeners_go_and_come_back() -> None:
    async def scenario(edge: Edge, _envoy: EnvoySupervisor, port: int) -> None:
        for version, wanted in enumerate((port, None, port)):
            published = await edge.publish(compiled(version, wanted, "here"))
            assert published.acknowledged
        assert await fetch(port) == b"here"

    run(scenario)


def test_what_envoy_refuses_is_reported_and_the_old_stays() -> None:
    async def scenario(edge: Edge, _envoy: EnvoySupervisor, port: int) -> None:
        await edge.publish(compiled(1, port, "good"))
        published = await edge.publish(compiled(2, port, "good", source="this is not Lua"))
        assert [nack.type_url for nack in published.nacks] == [EXTENSION]
        assert "script load error" in published.nacks[0].detail
        assert await fetch(port) == b"good"
        assert (await edge.publish(compiled(3, port, "better"))).nacks == ()
        assert await fetch(port) == b"better"

    run(scenario)


def test_traffic_is_back_after_envoy_was_killed() -> None:
    async def scenario(edge: Edge, envoy: EnvoySupervisor, port: int) -> None:
        await edge.publish(compiled(1, port, "before"))
        first = envoy.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        published = await edge.publish(compiled(2, port, "after"))
        while not published.acknowledged or envoy.pid in {None, first}:
            published = await edge.publish(compiled(2, port, "after"))
        assert await fetch(port) == b"after"
        assert envoy.restarts == 1

    run(scenario)


@pytest.mark.parametrize("missing", [Path("/nonexistent/envoy")])
def test_a_configured_binary_that_is_not_there_is_named(missing: Path) -> None:
    from sekisho.kernel.errors import UsageError

    with pytest.raises(UsageError, match="/nonexistent/envoy"):
        find_envoy(missing)
