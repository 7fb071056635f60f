"""The HTTP server's socket."""

import asyncio
import http.client
import time

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sekisho.kernel.errors import UsageError
from sekisho.serve.web import WebServer, listen


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(await request.body())


def ask_often(port: int) -> float:
    """Return the seconds that the fastest of several requests on one connection took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    times = []
    for _ in range(10):
        began = time.perf_counter()
        connection.request("POST", "/", b"hello")
        assert connection.getresponse().read() == b"hello"
        times.append(time.perf_counter() - began)
    connection.close()
    return min(times)


def test_answers_are_not_held_back_for_the_client_to_acknowledge() -> None:
    """Head and body are two writes; with Nagle's algorithm the second waits 40 ms for a delayed acknowledgement."""

    async def scenario() -> float:
        server = WebServer(Starlette(routes=[Route("/", echo, methods=["POST"])]), listen("127.0.0.1", 0))
        await server.start()
        try:
            return await asyncio.to_thread(ask_often, server.port)
        finally:
            await server.stop()

    assert asyncio.run(scenario()) < 0.03


def test_a_port_that_is_taken_is_told() -> None:
    first = WebServer(Starlette(), listen("127.0.0.1", 0))
    with pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1:{first.port}"):
        listen("127.0.0.1", first.port)
    asyncio.run(first.stop())
