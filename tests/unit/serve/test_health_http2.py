"""Health checks of targets that speak HTTP/2 and gRPC, against a server of each kind on loopback."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived

from sekisho.kernel.clock import SystemClock
from sekisho.model.elbv2 import Target, TargetGroup
from sekisho.model.ir import Endpoint
from sekisho.model.snapshot import Snapshot
from sekisho.serve.certificates import CertificateAuthority
from sekisho.serve.health_probe import (
    FAILED,
    TIMEOUT,
    CheckProtocol,
    CheckVersion,
    HealthCheck,
    Outcome,
    probe,
)
from sekisho.serve.health_specs import checked_targets
from sekisho.services.elbv2.health_checks import default_health_check

pytestmark = pytest.mark.anyio
Headers = list[tuple[str, str]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Http2Target:
    """A server that answers every request with the same headers; ``trailers`` may follow a body."""

    def __init__(self, status: str = "200", *more: tuple[str, str], trailers: Headers | None = None) -> None:
        self.requests: list[dict[str, str]] = []
        self.protocols: list[str | None] = []
        self._headers = [(":status", status), *more]
        self._trailers = trailers

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tls = writer.get_extra_info("ssl_object")
        self.protocols.append(tls and tls.selected_alpn_protocol())
        connection = H2Connection(H2Configuration(client_side=False, header_encoding="ascii"))
        connection.initiate_connection()
        while True:
            writer.write(connection.data_to_send())
            if not (data := await reader.read(65536)):
                break
            for event in connection.receive_data(data):
                if isinstance(event, RequestReceived):
                    self._answer(connection, event)
        writer.close()

    def _answer(self, connection: H2Connection, event: RequestReceived) -> None:
        self.requests.append({str(name): str(value) for name, value in event.headers})
        connection.send_headers(event.stream_id, self._headers, end_stream=self._trailers is None)
        if self._trailers is not None:
            connection.send_data(event.stream_id, b"body")
            connection.send_headers(event.stream_id, self._trailers, end_stream=True)


@asynccontextmanager
async def listening(serve: Any, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


def check_of(port: int, version: CheckVersion, **more: Any) -> HealthCheck:
    return HealthCheck("127.0.0.1", port, f"10.0.0.5:{port}", version=version, **more)


@pytest.mark.parametrize(
    ("status", "matcher", "reason"),
    [
        ("200", "200", None),
        ("404", "200", "Health checks failed with these codes: [404]"),
        ("204", "200-299", None),
    ],
)
async def test_an_http2_target_is_asked_in_http2(status: str, matcher: str, reason: str | None) -> None:
    target = Http2Target(status)
    async with listening(target.serve) as port:
        outcome = await probe(check_of(port, CheckVersion.HTTP2, path="/health?x=1", matcher=matcher))
    assert outcome.description == reason
    assert target.requests == [
        {
            ":method": "GET",
            ":scheme": "http",
            ":authority": f"10.0.0.5:{port}",
            ":path": "/health?x=1",
            "user-agent": "ELB-HealthChecker/2.0",
        }
    ]


async def test_a_tls_target_is_offered_http2(tmp_path: Path) -> None:
    made = CertificateAuthority(tmp_path, SystemClock()).certificate_for("arn", ("x.example.com",))
    (tmp_path / "pair.pem").write_text(made.chain + made.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pair.pem")
    context.set_alpn_protocols(["h2", "http/1.1"])
    target = Http2Target()
    async with listening(target.serve, context) as port:
        check = check_of(port, CheckVersion.HTTP2, protocol=CheckProtocol.HTTPS)
        assert await probe(check) == Outcome()
    assert target.protocols == ["h2"]
    assert target.requests[0][":scheme"] == "https"


async def speaks_http1(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    writer.close()


async def is_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@pytest.mark.parametrize("version", [CheckVersion.HTTP2, CheckVersion.GRPC])
async def test_what_does_not_speak_http2_fails(version: CheckVersion) -> None:
    async with listening(speaks_http1) as port:
        assert await probe(check_of(port, version)) == FAILED
    assert await probe(check_of(port, version)) == FAILED
    async with listening(is_silent) as port:
        assert await probe(check_of(port, version, timeout=0.1)) == TIMEOUT


async def test_an_http_answer_without_a_grpc_status_fails() -> None:
    async with listening(Http2Target("200", trailers=[("x-other", "0")]).serve) as port:
        assert await probe(check_of(port, CheckVersion.GRPC, matcher="0-99")) == FAILED


@asynccontextmanager
async def grpc_server() -> AsyncIterator[int]:
    """Run a gRPC server that knows one method."""
    server = grpc.aio.server()

    async def check(_request: bytes, _context: object) -> bytes:
        return b""

    handler = grpc.unary_unary_rpc_method_handler(check)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("app.Health", {"Check": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield port
    await server.stop(None)


@pytest.mark.parametrize(
    ("path", "matcher", "reason"),
    [
        ("/AWS.ALB/healthcheck", "12", None),
        ("/app.Health/Check", "0", None),
        ("/app.Health/Check", "0-99", None),
        ("/app.Health/Check", "12", "Health checks failed with these codes: [0]"),
        ("/AWS.ALB/healthcheck", "0", "Health checks failed with these codes: [12]"),
    ],
)
async def test_a_grpc_target_is_called(path: str, matcher: str, reason: str | None) -> None:
    async with grpc_server() as port:
        outcome = await probe(check_of(port, CheckVersion.GRPC, path=path, matcher=matcher))
    assert outcome.description == reason


@pytest.mark.parametrize("version", ["HTTP1", "HTTP2", "GRPC"])
def test_the_protocol_version_of_a_group_is_spoken(version: str) -> None:
    group = TargetGroup(
        arn="arn:group",
        name="app",
        protocol_version=version,
        protocol="HTTP",
        port=80,
        target_type="ip",
        health_check=default_health_check("ip", version),
        targets=(Target("10.0.0.5", 80),),
    )
    snapshot = Snapshot(
        1, target_groups=(group,), targets={("arn:group", "10.0.0.5", 80): Endpoint("127.0.0.1", 81)}
    )
    (checked,) = checked_targets(snapshot)
    assert checked.check.version == version
    assert (checked.check.path, checked.check.matcher) == (
        ("/AWS.ALB/healthcheck", "12") if version == "GRPC" else ("/", "200")
    )
