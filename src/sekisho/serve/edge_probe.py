"""Asking the edge itself for its decision on a request, without anything reaching the target."""

import asyncio
import json
import ssl
from dataclasses import dataclass

from sekisho.model.ir import Listener
from sekisho.verify.routing import RequestLine

_SECONDS = 5.0
_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class EdgeDecision:
    """What the edge decided: the guard's status and reason."""

    status: int
    reason: str


async def probe_edge(listener: Listener, request: RequestLine, probe: str) -> EdgeDecision | None:
    """Send a request that asks for its decision; None when the edge answers with something else, or not at all."""
    try:
        async with asyncio.timeout(_SECONDS):
            return _read_decision(await _exchange(listener, request, probe))
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        return None


async def _exchange(listener: Listener, request: RequestLine, probe: str) -> bytes:
    context = None
    if listener.tls is not None:
        # Our own edge on our own machine, with whatever certificate its listener has.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection(listener.address, listener.port, ssl=context)
    try:
        lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{n}: {v}" for n, v in request.headers)]
        lines += [f"{probe}: 1", "connection: close", "", ""]
        writer.write("\r\n".join(lines).encode("latin-1"))
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        return await reader.readexactly(min(length, _LONGEST))
    except StopIteration:
        raise ValueError("an answer without a length is not a decision") from None
    finally:
        writer.close()


def _read_decision(body: bytes) -> EdgeDecision:
    found = json.loads(body)
    if not isinstance(found, dict) or "policy" not in found:
        raise ValueError("not a decision")
    return EdgeDecision(int(found["status"]), str(found["reason"]))
