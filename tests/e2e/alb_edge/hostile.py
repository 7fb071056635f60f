"""What a hostile client is tried with: targets that say what reached them, and guards around two of them."""

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, ResponseReceived, StreamEnded, StreamReset
from tests.conformance.minting import mint
from tests.conformance.vector import Policy, load_vectors

from sekisho.model.ir import AlbGuard, HeaderMatch, KeySet, Match, Pattern, PatternKind, Route, Upstream

from .harness import Lab, forward_to, route

_ANSWERED = re.compile(rb"HTTP/1\.[01] (\d\d\d) ")


@dataclass
class Arrived:
    """A request as a target read it, which is complete once its body has come."""

    target: str
    head: bytes
    body: bytes = b""
    complete: bool = False


@dataclass
class Tenants:
    """Tenants A and B, each behind a guard of its own and with a target of its own; D takes all else, unguarded."""

    lab: Lab
    arrived: list[Arrived] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._policy = _policy()
        self.upstreams = {name: self._upstream(name) for name in "ABD"}

    @property
    def key_set(self) -> KeySet:
        return self._policy.guarded.key_set

    def routes(self) -> tuple[Route, ...]:
        """Return rules by host, header and path, the default rule last."""
        return (
            self._route("B", "host", Match(host=(Pattern("b.test", case_sensitive=False),))),
            self._route(
                "B",
                "header",
                Match(headers=(HeaderMatch("x-tenant", (Pattern("b", case_sensitive=False),)),)),
            ),
            self._route("A", "path-a", Match(path=(Pattern("/tenant-A/*", PatternKind.WILDCARD),))),
            self._route("B", "path-b", Match(path=(Pattern("/tenant-B/*", PatternKind.WILDCARD),))),
            route(forward_to(self.upstreams["D"])),
        )

    def token(self, name: str) -> str:
        """Return a token that the tenant's guard accepts."""
        recipe = {"claims": {"cognito:groups": [f"tenant-{name.lower()}"]}}
        return mint(recipe, self._policy.claims, int(time.time()))

    def _route(self, tenant: str, name: str, match: Match) -> Route:
        guard = self._policy.guarded.guard
        assert isinstance(guard, AlbGuard)
        claim = replace(guard.claims[0], values=(f"tenant-{tenant.lower()}",))
        return route(forward_to(self.upstreams[tenant]), match, name, guard=replace(guard, claims=(claim,)))

    def _upstream(self, name: str) -> Upstream:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                request = Arrived(name, await reader.readuntil(b"\r\n\r\n"))
                self.arrived.append(request)
                request.body = await _read_body(request.head.lower(), reader)
                request.complete = True
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

        return Upstream(name, f"arn:{name}", (self.lab.target(answer),))


def _policy() -> Policy:
    return next(vector.policy for vector in load_vectors() if vector.policy.guarded.name == "alb-groups")


async def _read_body(head: bytes, reader: asyncio.StreamReader) -> bytes:
    """Read a body, and fail where a target could read two different ones."""
    chunked = re.findall(rb"\r\ntransfer-encoding: *([^\r]*)\r\n", head)
    lengths = re.findall(rb"\r\ncontent-length: *([^\r]*)\r\n", head)
    assert len(chunked) + len(lengths) <= 1, head
    if lengths:
        return await reader.readexactly(int(lengths[0]))
    body = b""
    while chunked:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        body += await reader.readexactly(size)
        if await reader.readuntil(b"\r\n") == b"\r\n" and size == 0:
            break
    return body


def send_raw(port: int, request: bytes, patience: float = 1.0, quiet: float = 0.15) -> list[int]:
    """Send bytes on a connection of their own; return the statuses that came until it was quiet or closed.

    ``patience`` is the time for the first byte, ``quiet`` that for every further one, in seconds.
    """
    answer = b""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(patience)
        try:
            client.sendall(request)
            while piece := client.recv(65536):
                client.settimeout(quiet)
                answer += piece
        except (TimeoutError, ConnectionError):
            pass
    return [int(status) for status in _ANSWERED.findall(answer)]


def is_closed_soon(port: int, request: bytes, seconds: float = 5) -> bool:
    """Tell whether the edge closes the connection after it has answered."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(seconds)
        client.sendall(request)
        try:
            while client.recv(65536):
                pass
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        return True


def send_http2(port: int, headers: Sequence[tuple[bytes, bytes]], body: bytes | None = None) -> int | None:
    """Send a request as it is over HTTP/2; return its status, or None where the stream or connection was ended."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    connection = H2Connection(
        H2Configuration(
            header_encoding=None, validate_outbound_headers=False, normalize_outbound_headers=False
        )
    )
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port))) as client:
        client.settimeout(10)
        connection.initiate_connection()
        connection.send_headers(1, headers, end_stream=body is None)
        if body is not None:
            connection.send_data(1, body, end_stream=True)
        client.sendall(connection.data_to_send())
        status = None
        while received := client.recv(65536):
            for event in connection.receive_data(received):
                if isinstance(event, ResponseReceived):
                    status = int(dict(event.headers)[b":status"])
                if isinstance(event, StreamEnded):
                    return status
                if isinstance(event, StreamReset | ConnectionTerminated):
                    return None
    return None
