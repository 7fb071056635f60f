"""The Lambda Runtime API of one worker: an HTTP server on a loopback port of its own.

Protocol: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
import re
from dataclasses import dataclass, field

from sekisho.functions.http_server import HttpCall, HttpReply, HttpServer

_NEXT = "/2018-06-01/runtime/invocation/next"
_INIT_ERROR = "/2018-06-01/runtime/init/error"
_ANSWER = re.compile(r"/2018-06-01/runtime/invocation/(?P<id>[^/]+)/(?P<kind>response|error)\Z")


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
    """Hands invocations to the runtime of one worker and takes its answers.

    Attributes:
        address: ``host:port``, the value of ``AWS_LAMBDA_RUNTIME_API``; empty until it is started.
        ready: set when the runtime asks for work for the first time, or reports that it cannot.
        init_error: why it cannot, as JSON.
    """

    def __init__(self) -> None:
        self._work: asyncio.Queue[Work] = asyncio.Queue()
        self._current: Work | None = None
        self._server = HttpServer(self._answer)
        self.address = ""
        self.ready = asyncio.Event()
        self.init_error: bytes | None = None

    async def start(self) -> None:
        """Listen on a free loopback port."""
        self.address = await self._server.start_on_port()

    async def stop(self) -> None:
        """Close the socket and every connection."""
        await self._server.stop()

    def offer(self, work: Work) -> None:
        """Queue an invocation for the runtime's next ``next``."""
        self._work.put_nowait(work)

    async def _answer(self, call: HttpCall) -> HttpReply:
        if call.method == "GET" and call.target == _NEXT:
            self.ready.set()
            self._current = await self._work.get()
            headers = (*self._current.headers, ("Content-Type", "application/json"))
            return HttpReply(200, headers, self._current.payload)
        found = _ANSWER.match(call.target)
        if call.method == "POST" and found is not None:
            work = self._current
            if work is None or work.request_id != found["id"]:
                return HttpReply(
                    400, (), b'{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}'
                )
            if not work.answer.done():
                work.answer.set_result(Answer(call.body, found["kind"] == "error"))
            return HttpReply(202, (), b'{"status":"OK"}')
        if call.method == "POST" and call.target == _INIT_ERROR:
            self.init_error = call.body
            self.ready.set()
            return HttpReply(202, (), b'{"status":"OK"}')
        return HttpReply(404)
