"""A real Envoy for the tests of a module; each test publishes an edge of its own."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from envoy.service.accesslog.v3 import als_pb2, als_pb2_grpc
from envoy.service.discovery.v3 import ads_pb2_grpc

from sekisho.model.ir import Edge, Flavour, KeySet, Listener, ListenerOptions, Route, Upstream
from sekisho.model.ir_tls import Tls
from sekisho.serve.edge import Edge as EnvoyEdge
from sekisho.serve.envoy import EnvoySupervisor, bootstrap, find_envoy
from sekisho.serve.xds import AdsServer

from .harness import Lab, Publish, echo


class _LogServer(als_pb2_grpc.AccessLogServiceServicer):  # type: ignore[misc]
    def __init__(self, logged: list[als_pb2.StreamAccessLogsMessage], arrived: threading.Condition) -> None:
        self._logged = logged
        self._arrived = arrived

    async def StreamAccessLogs(  # noqa: N802 - the name that gRPC calls
        self, messages: AsyncIterator[Any], _context: object
    ) -> als_pb2.StreamAccessLogsResponse:
        async for message in messages:
            with self._arrived:
                self._logged.append(message)
                self._arrived.notify_all()
        return als_pb2.StreamAccessLogsResponse()


@pytest.fixture(scope="module")
def log_arrived() -> threading.Condition:
    return threading.Condition()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, log_arrived: threading.Condition) -> Iterator[Lab]:
    """One Envoy for the tests of a module; each test publishes an edge of its own."""
    folder = tmp_path_factory.mktemp("lab")
    logged: list[als_pb2.StreamAccessLogsMessage] = []
    ready = threading.Event()
    made: dict[str, Any] = {}

    async def serve() -> None:
        ads, server = AdsServer(), grpc.aio.server()
        ads_pb2_grpc.add_AggregatedDiscoveryServiceServicer_to_server(ads, server)
        als_pb2_grpc.add_AccessLogServiceServicer_to_server(_LogServer(logged, log_arrived), server)
        server.add_insecure_port(f"unix:{folder}/control.sock")
        await server.start()
        envoy = EnvoySupervisor(find_envoy(), Path(folder) / "bootstrap.json")
        await envoy.start(bootstrap(folder / "control.sock", folder / "admin.sock", "lab"))
        made["lab"] = Lab(asyncio.get_running_loop(), EnvoyEdge(ads, "127.0.0.1"), logged)
        made["stop"] = stop = asyncio.Event()
        ready.set()
        await stop.wait()
        await envoy.stop()
        await server.stop(None)

    # Child processes are watched from the main thread only where pidfd is missing; Linux has it.
    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(30)
    found: Lab = made["lab"]
    yield found
    found.release()
    found.loop.call_soon_threadsafe(made["stop"].set)
    thread.join(30)


@pytest.fixture
def publish(lab: Lab) -> Publish:
    def give(
        *routes: Route,
        upstreams: tuple[Upstream, ...] = (),
        key_sets: tuple[KeySet, ...] = (),
        tls: Tls | None = None,
        public_port: int = 80,
        options: ListenerOptions | None = None,
    ) -> int:
        port = lab.free_port()
        listener = Listener(
            name="listener",
            arn="arn:listener",
            flavour=Flavour.ALB,
            port=port,
            public_port=public_port,
            routes=routes,
            tls=tls,
            options=options or ListenerOptions(),
            host="alb.example",
        )
        lab.publish(Edge((listener,), upstreams, key_sets))
        return port

    return give


@pytest.fixture(scope="module")
def echoing(lab: Lab) -> Upstream:
    """An upstream that answers with the request's own head."""
    return Upstream("echo", "arn:echo", (lab.target(echo),))
