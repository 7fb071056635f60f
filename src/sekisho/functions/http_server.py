"""A small HTTP/1.1 server for what runs on this machine only: runtimes, and the edge's calls of functions."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import h11

_CHUNK = 65536
_HEAD_LIMIT = 16384


@dataclass(frozen=True, slots=True)
class HttpCall:
    """A request.

    Attributes:
        headers: their names in lower case.
        body: cut off where it is larger than the server reads.
        spelling: name of a header in lower case -> as it was sent.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_cut_off: bool = False
    spelling: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer; ``Content-Length`` is the server's to add. ``reason`` stands in the status line."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    reason: str = ""


Answer = Callable[[HttpCall], Awaitable[HttpReply]]


class HttpServer:
    """Serves one function of requests on one socket."""

    def __init__(
        self, answer: Answer, body_limit: int | None = None, *, head_limit: int = _HEAD_LIMIT
    ) -> None:
        """Take what answers, the most bytes of a body to read, None for no limit, and of a request's head."""
        self._answer = answer
        self._head_limit = head_limit
        self._body_limit = body_limit
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start_on_port(self) -> str:
        """Listen on a free loopback port and return ``host:port``."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"{host}:{port}"

    async def start_on_socket(self, path: Path) -> None:
        """Listen on a Unix socket."""
        self._server = await asyncio.start_unix_server(self._accept, path)

    async def stop(self) -> None:
        """Close the socket and every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A coroutine here would run in a task of asyncio's own, which complains when it is cancelled (Python 3.11).
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (ConnectionError, h11.RemoteProtocolError):
            return
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, self._head_limit)
        while True:
            call = await self._read(connection, reader)
            if call is None:
                return
            reply = await self._answer(call)
            writer.write(_encode(connection, call.method, reply))
            await writer.drain()
            if connection.our_state is h11.MUST_CLOSE:
                return
            connection.start_next_cycle()

    async def _read(self, connection: h11.Connection, reader: asyncio.StreamReader) -> HttpCall | None:
        """Return the next request, or None where the connection ends.

        A body is read to its end even where it is too large: closing on somebody who still sends would lose the
        answer.
        """
        request: h11.Request | None = None
        body = bytearray()
        size = 0
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(_CHUNK))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                size += len(event.data)
                if self._body_limit is None or size <= self._body_limit:
                    body += event.data
            elif isinstance(event, h11.EndOfMessage) and request is not None:
                is_cut_off = self._body_limit is not None and size > self._body_limit
                return _decode(request, bytes(body), is_cut_off=is_cut_off)
            else:
                return None


def _decode(request: h11.Request, body: bytes, *, is_cut_off: bool) -> HttpCall:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers)
    spelling = {
        name.lower().decode("latin-1"): name.decode("latin-1") for name, _ in request.headers.raw_items()
    }
    method, target = request.method.decode(), request.target.decode("latin-1")
    return HttpCall(method, target, headers, body, is_cut_off, spelling)


def _encode(connection: h11.Connection, method: str, reply: HttpReply) -> bytes:
    has_body = method != "HEAD" and reply.status not in (204, 304)
    length = [] if reply.status in (204, 304) else [("Content-Length", str(len(reply.body)))]
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (*reply.headers, *length)]
    response = h11.Response(status_code=reply.status, headers=headers, reason=reply.reason.encode("latin-1"))
    parts = [connection.send(response) or b""]
    if has_body:
        parts.append(connection.send(h11.Data(data=reply.body)) or b"")
    parts.append(connection.send(h11.EndOfMessage()) or b"")
    return b"".join(parts)
