"""The Lambda Runtime API of one worker: an HTTP server on a loopback port of its own.

Protocol: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
import re
from dataclasses import dataclass, field

import h11

_NEXT = "/2018-06-01/runtime/invocation/next"
_INIT_ERROR = "/2018-06-01/runtime/init/error"
_ANSWER = re.compile(r"/2018-06-01/runtime/invocation/(?P<id>[^/]+)/(?P<kind>response|error)\Z")
_CHUNK = 65536


@dataclass
class Work:
    """One invocation on its way through a worker."""

    request_id: str
    payload: bytes
    headers: tuple[tuple[str, str], ...]
    answer: asyncio.Future["Answer"] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the runtime posted: a response, or an error."""

    payload: bytes
    is_error: bool


class RuntimeApi:
    """Hands invocations to the runtime of one worker and takes its answers."""

    def __init__(self) -> None:
        self._work: asyncio.Queue[Work] = asyncio.Queue()
        self._current: Work | None = None
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.ready = asyncio.Event()
        self.init_error: bytes | None = None

    @property
    def address(self) -> str:
        """Return ``host:port``, the value of ``AWS_LAMBDA_RUNTIME_API``."""
        assert self._server is not None  # noqa: S101 - start() comes first
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"{host}:{port}"

    async def start(self) -> None:
        """Listen on a free loopback port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def stop(self) -> None:
        """Close the socket and every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def offer(self, work: Work) -> None:
        """Queue an invocation for the runtime's next ``next``."""
        self._work.put_nowait(work)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a connection handler is a task
        self._connections.add(task)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, h11.RemoteProtocolError):
            return
        finally:
            self._connections.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        while True:
            request, body = None, b""
            while True:
                event = connection.next_event()
                if event is h11.NEED_DATA:
                    connection.receive_data(await reader.read(_CHUNK))
                elif isinstance(event, h11.Request):
                    request = event
                elif isinstance(event, h11.Data):
                    body += bytes(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    break
                else:
                    return
            assert request is not None  # noqa: S101 - h11 gives the request before its end
            status, headers, answer = await self._answer(request.method, request.target.decode(), body)
            head = [*headers, ("Content-Length", str(len(answer)))]
            for part in (
                h11.Response(status_code=status, headers=head),
                h11.Data(data=answer),
                h11.EndOfMessage(),
            ):
                writer.write(connection.send(part) or b"")
            await writer.drain()
            if connection.our_state is h11.MUST_CLOSE:
                return
            connection.start_next_cycle()

    async def _answer(
        self, method: bytes, target: str, body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        if method == b"GET" and target == _NEXT:
            self.ready.set()
            self._current = await self._work.get()
            return 200, [*self._current.headers, ("Content-Type", "application/json")], self._current.payload
        found = _ANSWER.match(target)
        if method == b"POST" and found is not None:
            work = self._current
            if work is None or work.request_id != found["id"]:
                return 400, [], b'{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}'
            if not work.answer.done():
                work.answer.set_result(Answer(body, found["kind"] == "error"))
            return 202, [], b'{"status":"OK"}'
        if method == b"POST" and target == _INIT_ERROR:
            self.init_error = body
            self.ready.set()
            return 202, [], b'{"status":"OK"}'
        return 404, [], b""
