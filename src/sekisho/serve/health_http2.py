"""A health check of a target that speaks HTTP/2, or gRPC over it.

Paths, codes and the default of gRPC (12, unimplemented, at ``/AWS.ALB/healthcheck``):
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
What a call is on the wire: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
"""

import asyncio
from collections.abc import Iterable

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import H2Error

_CHUNK = 1 << 16
_LONGEST = 1 << 20
_NO_MESSAGE = bytes(5)  # one message, not compressed, of no octets
_GRPC_STATUS = b"grpc-status"


class _Exchange:
    """One request on a connection of its own, and what has come back."""

    def __init__(self, headers: list[tuple[str, str]], body: bytes | None) -> None:
        self._connection = H2Connection(H2Configuration(header_encoding=None))
        self._connection.initiate_connection()
        stream = self._connection.get_next_available_stream_id()
        self._connection.send_headers(stream, headers, end_stream=body is None)
        if body is not None:
            self._connection.send_data(stream, body, end_stream=True)
        self.received: dict[bytes, bytes] = {}
        self.is_over = False

    def take(self, data: bytes) -> None:
        """Take what came from the target."""
        for event in self._connection.receive_data(data):
            self._note(event)

    def to_send(self) -> bytes:
        """Return what has to go to the target now."""
        return self._connection.data_to_send()

    def bid_farewell(self) -> bytes:
        """Return what ends the connection."""
        self._connection.close_connection()
        return self._connection.data_to_send()

    def _note(self, event: Event) -> None:
        match event:
            case ResponseReceived() | TrailersReceived():
                self.received.update(_read_headers(event.headers))
            case StreamEnded():
                self.is_over = True
            case StreamReset() | ConnectionTerminated():
                raise EOFError


async def ask_status(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scheme: str, host: str, path: str, agent: str
) -> int:
    """Return the status that a GET is answered with.

    Raises:
        OSError: the connection broke.
        EOFError: there was no answer, or one that is not HTTP/2.
    """
    received = await _exchange(reader, writer, _headers("GET", scheme, host, path, agent), None)
    return _number(received.get(b":status"))


async def ask_grpc_status(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scheme: str, host: str, path: str, agent: str
) -> int:
    """Return the gRPC status of a call with an empty message.

    Raises:
        OSError: the connection broke.
        EOFError: there was no answer, or one that is not gRPC.
    """
    headers = _headers("POST", scheme, host, path, agent)
    headers += [("content-type", "application/grpc"), ("te", "trailers")]
    received = await _exchange(reader, writer, headers, _NO_MESSAGE)
    return _number(received.get(_GRPC_STATUS))


def _headers(method: str, scheme: str, host: str, path: str, agent: str) -> list[tuple[str, str]]:
    pseudo = [(":method", method), (":scheme", scheme), (":authority", host), (":path", path)]
    return [*pseudo, ("user-agent", agent)]


async def _exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    headers: list[tuple[str, str]],
    body: bytes | None,
) -> dict[bytes, bytes]:
    exchange = _Exchange(headers, body)
    left = _LONGEST
    try:
        while not exchange.is_over:
            writer.write(exchange.to_send())
            data = await reader.read(_CHUNK)
            left -= len(data)
            if not data or left < 0:
                raise EOFError
            exchange.take(data)
    except H2Error:
        raise EOFError from None
    writer.write(exchange.bid_farewell())
    return exchange.received


def _read_headers(headers: Iterable[tuple[bytes | str, bytes | str]] | None) -> dict[bytes, bytes]:
    return {
        name: value for name, value in headers or () if isinstance(name, bytes) and isinstance(value, bytes)
    }


def _number(text: bytes | None) -> int:
    if text is None or not text.isdigit():
        raise EOFError
    return int(text)
