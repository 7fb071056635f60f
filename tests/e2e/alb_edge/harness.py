"""What the tests of the ALB edge work with: a real Envoy, targets, raw requests."""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from envoy.service.accesslog.v3 import als_pb2

from sekisho.compile.check import check_edge
from sekisho.compile.compile import Compiled
from sekisho.compile.emit.edge import emit_edge
from sekisho.model.ir import (
    Action,
    Edge,
    Endpoint,
    Forward,
    KeySet,
    ListenerOptions,
    Match,
    Route,
    Upstream,
    WeightedUpstream,
)
from sekisho.model.ir_tls import Tls
from sekisho.serve.edge import Edge as EnvoyEdge

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Answer:
    """An HTTP/1 answer as it stood on the wire."""

    status_line: str
    header_lines: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def status(self) -> int:
        return int(self.status_line.split()[1])

    @property
    def headers(self) -> Mapping[str, str]:
        return {name.lower(): value for name, value in self.header_lines}

    @property
    def text(self) -> str:
        return self.body.decode()


class Publish(Protocol):
    """Gives the edge a listener and returns its port."""

    def __call__(
        self,
        *routes: Route,
        upstreams: tuple[Upstream, ...] = (),
        key_sets: tuple[KeySet, ...] = (),
        tls: Tls | None = None,
        public_port: int = 80,
        options: ListenerOptions | None = None,
    ) -> int: ...


@dataclass
class Lab:
    """Runs Envoy, targets and clients on a loop of its own, so that tests are plain functions."""

    loop: asyncio.AbstractEventLoop
    edge: EnvoyEdge
    logged: list[als_pb2.StreamAccessLogsMessage] = field(default_factory=list)
    _version: int = 0
    _held: list[socket.socket] = field(default_factory=list)
    _servers: list[asyncio.Server] = field(default_factory=list)

    def run(self, work: Coroutine[Any, Any, Any], timeout: float = 60) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def free_port(self) -> int:
        """Reserve a port: nobody else gets it, and Envoy, which reuses ports, can listen on it."""
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(("127.0.0.1", 0))
        self._held.append(held)
        return int(held.getsockname()[1])

    def publish(self, edge: Edge) -> None:
        """Check and publish an edge; Envoy has taken all of it when this returns."""
        self._version += 1
        checked, _ = check_edge(edge)
        published = self.run(self.edge.publish(Compiled(self._version, checked, emit_edge(checked), ())))
        assert published.nacks == ()
        assert published.acknowledged

    def target(self, handler: Handler, tls: ssl.SSLContext | None = None) -> Endpoint:
        """Start a target and return where it listens."""
        server = self.run(asyncio.start_server(_closing(handler), "127.0.0.1", 0, ssl=tls))
        self._servers.append(server)
        return Endpoint("127.0.0.1", server.sockets[0].getsockname()[1])

    def ask(
        self, port: int, request: str | bytes, *, tls: ssl.SSLContext | None = None, name: str = "app.test"
    ) -> Answer:
        """Send one request as it is and return the answer."""
        return self.run(_exchange(port, request, tls, name))  # type: ignore[no-any-return]

    def get(self, port: int, target: str = "/", *headers: str, host: str = "app.test") -> Answer:
        """Send a GET with further header lines."""
        return self.ask(port, "\r\n".join([f"GET {target} HTTP/1.1", f"Host: {host}", *headers, "", ""]))

    def release(self) -> None:
        """Stop the targets and give the ports back."""
        for held in self._held:
            held.close()
        for server in self._servers:
            self.loop.call_soon_threadsafe(server.close)
        self._servers.clear()


def _closing(handler: Handler) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    return handle


async def _exchange(port: int, request: str | bytes, tls: ssl.SSLContext | None, name: str) -> Answer:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=tls, server_hostname=name if tls else None, limit=1 << 20
    )
    try:
        writer.write(request.encode() if isinstance(request, str) else request)
        async with asyncio.timeout(20):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")[:-2]
            headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines[1:]))
            length = re.search(r"(?im)^content-length: (\d+)", head)
            is_head = request[:5] in {"HEAD ", b"HEAD "}
            body = await reader.readexactly(int(length[1])) if length and not is_head else b""
            return Answer(lines[0], headers, body)
    finally:
        writer.close()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with the request's own head."""
    while head := await reader.readuntil(b"\r\n\r\n"):
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(head) + head)
        await writer.drain()


def route(action: Action, match: Match | None = None, name: str = "default", **more: Any) -> Route:
    return Route(name=name, arn=f"arn:{name}", priority=0, match=match or Match(), action=action, **more)


def forward_to(*upstreams: Upstream | tuple[Upstream, int], sticky_seconds: int | None = None) -> Forward:
    parts = [part if isinstance(part, tuple) else (part, 1) for part in upstreams]
    return Forward(tuple(WeightedUpstream(each.name, weight) for each, weight in parts), sticky_seconds)
