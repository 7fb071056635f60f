"""One health check of one target: the request an Application Load Balancer sends, and what its answer means.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

import asyncio
import contextlib
import functools
import re
import ssl
from dataclasses import dataclass
from enum import StrEnum

from sekisho.compile.emit.filters.bridge import UPSTREAM_HEADER
from sekisho.serve.health_http2 import ask_grpc_status, ask_status

USER_AGENT = "ELB-HealthChecker/2.0"

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: |\r?\n)")
_DEFAULT_PORTS = {"HTTP": 80, "HTTPS": 443}
_READ_LIMIT = 1 << 20
_DRAIN_SECONDS = 0.2


class CheckProtocol(StrEnum):
    """How a target is asked; FUNCTION asks what runs functions."""

    HTTP = "HTTP"
    HTTPS = "HTTPS"
    FUNCTION = "FUNCTION"


class CheckVersion(StrEnum):
    """What is spoken in a check, by AWS's names of protocol versions."""

    HTTP1 = "HTTP1"
    HTTP2 = "HTTP2"
    GRPC = "GRPC"


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How one target is checked; times in seconds.

    Attributes:
        address, port: where the target listens on this machine; of a function, the path of the Unix socket on which
            functions answer, and 0.
        host: the ``Host`` that is sent, ``address[:port]`` as AWS would know the target; of a function, the target
            group whose it is.
        matcher: codes that mean success, of HTTP or, for GRPC, of gRPC: ``200``, ``200,202`` or ``200-299``.
    """

    address: str
    port: int
    host: str
    protocol: CheckProtocol = CheckProtocol.HTTP
    version: CheckVersion = CheckVersion.HTTP1
    path: str = "/"
    interval: float = 30
    timeout: float = 5
    healthy_threshold: int = 5
    unhealthy_threshold: int = 2
    matcher: str = "200"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a check: without a reason it succeeded, else AWS's reason code and its text."""

    reason: str | None = None
    description: str | None = None


TIMEOUT = Outcome("Target.Timeout", "Request timed out")
FAILED = Outcome("Target.FailedHealthChecks", "Health checks failed")


def host_header(address: str, port: int, protocol: CheckProtocol) -> str:
    """Return the ``Host`` of a check: the port stands in it unless it is the protocol's own."""
    host = f"[{address}]" if ":" in address else address
    return host if port == _DEFAULT_PORTS.get(protocol) else f"{host}:{port}"


@functools.lru_cache(maxsize=64)
def parse_matcher(matcher: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges, first and last code, of a matcher.

    Raises:
        ValueError: it is not a list of codes and ranges.
    """
    ranges = []
    for part in matcher.split(","):
        first, _, last = part.strip().partition("-")
        ranges.append((int(first), int(last or first)))
    return tuple(ranges)


async def probe(check: HealthCheck) -> Outcome:
    """Make one check; never raises for what the target does."""
    try:
        async with asyncio.timeout(check.timeout):
            code = await _ask(check)
    except TimeoutError:
        return TIMEOUT
    except (OSError, ValueError, EOFError):  # ValueError: a line without end; ssl.SSLError is an OSError
        return FAILED
    if any(first <= code <= last for first, last in parse_matcher(check.matcher)):
        return Outcome()
    return Outcome("Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{code}]")


async def _ask(check: HealthCheck) -> int:
    """Return the code that the target answers with."""
    reader, writer = await _connect(check)
    try:
        match check.version:
            case CheckVersion.HTTP1:
                return await _get(check, reader, writer)
            case CheckVersion.HTTP2:
                return await ask_status(reader, writer, *_request_of(check))
            case CheckVersion.GRPC:
                return await ask_grpc_status(reader, writer, *_request_of(check))
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _request_of(check: HealthCheck) -> tuple[str, str, str, str]:
    return check.protocol.lower(), check.host, check.path, USER_AGENT


async def _connect(check: HealthCheck) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if check.protocol is CheckProtocol.FUNCTION:
        return await asyncio.open_unix_connection(check.address)
    tls = None
    if check.protocol is CheckProtocol.HTTPS:
        tls = _unverified("http/1.1" if check.version is CheckVersion.HTTP1 else "h2")
    return await asyncio.open_connection(check.address, check.port, ssl=tls)


async def _get(check: HealthCheck, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    agent = f"User-Agent: {USER_AGENT}"
    lines: tuple[str, ...] = (f"GET {check.path} HTTP/1.1", f"Host: {check.host}", agent, "Connection: close")
    if check.protocol is CheckProtocol.FUNCTION:  # ALB-LAMBDA-12
        # The event of a check has no other header than User-Agent:
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
        lines = (f"GET {check.path} HTTP/1.0", agent, f"{UPSTREAM_HEADER}: {check.host}")
    writer.write("\r\n".join((*lines, "", "")).encode())
    status = _STATUS_LINE.match(await reader.readline())
    if status is None:
        raise EOFError
    await _drain(reader)
    return int(status[1])


async def _drain(reader: asyncio.StreamReader) -> None:
    """Read on for a moment, so that the application does not see its answer cut off."""
    left = _READ_LIMIT
    with contextlib.suppress(OSError):  # a TimeoutError is one
        async with asyncio.timeout(_DRAIN_SECONDS):
            while left > 0 and (chunk := await reader.read(left)):
                left -= len(chunk)


@functools.cache
def _unverified(protocol: str) -> ssl.SSLContext:
    """Return the context for targets: a load balancer does not validate their certificates."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([protocol])
    return context
