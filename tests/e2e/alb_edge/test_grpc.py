"""gRPC through the edge, and requests that only say that they are gRPC."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest

from sekisho.model.ir import (
    Endpoint,
    FixedResponse,
    Match,
    Pattern,
    PatternKind,
    Protocol,
    Redirect,
    Upstream,
)
from sekisho.model.ir_tls import Certificate, Tls

from .harness import Lab, Publish, forward_to, route
from .hostile import Tenants, send_http2
from .test_answers import PAGE_HEADERS, assert_page
from .test_tls import certificate


@pytest.fixture(scope="module")
def served() -> Certificate:
    return certificate("default.test")


@pytest.fixture(scope="module")
def target(lab: Lab) -> Iterator[Upstream]:
    """A gRPC server with a method of one message and one of many."""

    async def one(request: bytes, _context: object) -> bytes:
        return b"got " + request

    async def many(requests: AsyncIterator[bytes], _context: object) -> AsyncIterator[bytes]:
        async for request in requests:
            yield b"got " + request

    async def start() -> tuple[Any, int]:
        server = grpc.aio.server()
        methods = {
            "One": grpc.unary_unary_rpc_method_handler(one),
            "Many": grpc.stream_stream_rpc_method_handler(many),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("app.Service", methods),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    server, port = lab.run(start())
    yield Upstream("grpc", "arn:grpc", (Endpoint("127.0.0.1", port),), protocol=Protocol.HTTP2)
    lab.run(asyncio.wait_for(server.stop(None), 10))


def test_calls_and_streams_behind_a_guard(
    lab: Lab, publish: Publish, target: Upstream, served: Certificate
) -> None:
    tenants = Tenants(lab)
    guard = next(each.guard for each in tenants.routes() if each.name == "path-a")
    port = publish(
        route(forward_to(target), guard=guard),
        upstreams=(target,),
        key_sets=(tenants.key_set,),
        tls=Tls((served,)),
        public_port=443,
    )
    trust = grpc.ssl_channel_credentials(root_certificates=served.chain.encode())
    options = (("grpc.ssl_target_name_override", "default.test"),)
    token = (("authorization", f"Bearer {tenants.token('A')}"),)
    with grpc.secure_channel(f"127.0.0.1:{port}", trust, options) as channel:
        one = channel.unary_unary("/app.Service/One")
        assert one(b"x", timeout=10, metadata=token) == b"got x"
        many = channel.stream_stream("/app.Service/Many")
        assert list(many(iter([b"1", b"2"]), timeout=10, metadata=token)) == [b"got 1", b"got 2"]
        with pytest.raises(grpc.RpcError) as refused:
            one(b"x", timeout=10)
        assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
        with pytest.raises(grpc.RpcError) as unknown:
            channel.unary_unary("/app.Service/Other")(b"x", timeout=10, metadata=token)
        assert unknown.value.code() == grpc.StatusCode.UNIMPLEMENTED


PATHS = ("fixed", "empty", "redirect", "gone", "guarded")


@pytest.mark.semantics("EDGE-23")
@pytest.mark.parametrize(
    "content_type", ["application/grpc", "application/grpc+proto", "application/grpc-web"]
)
def test_the_content_type_changes_no_answer(
    lab: Lab, publish: Publish, target: Upstream, content_type: str
) -> None:
    tenants = Tenants(lab)
    guard = next(each.guard for each in tenants.routes() if each.name == "path-a")
    gone = Upstream("gone", "arn:gone", (Endpoint("127.0.0.1", lab.free_port()),))
    match = {path: Match(path=(Pattern(f"/{path}*", PatternKind.WILDCARD),)) for path in PATHS}
    routes = (
        route(FixedResponse(403, "text/plain", "100% no"), match["fixed"], "fixed"),
        route(FixedResponse(204), match["empty"], "empty"),
        route(Redirect(302, "HTTPS", "#{host}", "443", "/x", ""), match["redirect"], "redirect"),
        route(forward_to(gone), match["gone"], "gone"),
        route(forward_to(target), match["guarded"], "guarded", guard=guard),
    )
    port = publish(*routes, upstreams=(gone, target), key_sets=(tenants.key_set,))
    header = f"Content-Type: {content_type}"
    for path in ("/guarded", "/%67uarded", "/x/../guarded"):
        answer = lab.get(port, path, header)
        assert_page(answer, "401 Authorization Required", 144)
        assert {name for name, _ in answer.header_lines} == set(PAGE_HEADERS)
    fixed = lab.get(port, "/fixed", header)
    assert (fixed.status, fixed.headers["content-type"], fixed.text) == (403, "text/plain", "100% no")
    assert lab.get(port, "/empty", header).status == 204
    redirect = lab.get(port, "/redirect", header)
    assert_page(redirect, "302 Found", 110)
    assert redirect.headers["location"] == "https://app.test:443/x"
    assert lab.get(port, "/gone", header).status == 502


@pytest.mark.semantics("EDGE-23")
def test_without_a_target_the_status_is_grpcs_too(lab: Lab, publish: Publish, served: Certificate) -> None:
    gone = Upstream("gone", "arn:gone", (Endpoint("127.0.0.1", lab.free_port()),), protocol=Protocol.HTTP2)
    port = publish(route(forward_to(gone)), upstreams=(gone,), tls=Tls((served,)), public_port=443)
    headers = [
        (b":method", b"POST"),
        (b":scheme", b"https"),
        (b":authority", b"d.test"),
        (b":path", b"/app.Service/One"),
        (b"content-type", b"application/grpc"),
    ]
    assert send_http2(port, headers, bytes(5)) == 502
    trust = grpc.ssl_channel_credentials(root_certificates=served.chain.encode())
    options = (("grpc.ssl_target_name_override", "default.test"),)
    with grpc.secure_channel(f"127.0.0.1:{port}", trust, options) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary("/app.Service/One")(b"x", timeout=10)
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize(
    "lines",
    [
        "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\nContent-Type: application/grpc",
        "GET / HTTP/1.1\r\nHost: a, b\r\nContent-Type: application/grpc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nContent-Length: 1, 2",
        "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nX-Forwarded-For: " + "," * 31,
    ],
    ids=lambda lines: lines[:20],
)
def test_what_the_edge_tells_itself_stays_inside(lab: Lab, publish: Publish, lines: str) -> None:
    answer = lab.ask(publish(route(FixedResponse(200))), f"{lines}\r\n\r\n")
    assert answer.status in {400, 463}
    assert not any(name.startswith("x-sekisho") for name in answer.headers)
