"""The answers that the load balancer makes itself, byte by byte."""

import asyncio
import re
import socket

import pytest

from sekisho.model.ir import (
    AlbGuard,
    Endpoint,
    FixedResponse,
    ListenerOptions,
    Match,
    Pattern,
    PatternKind,
    Protocol,
    Redirect,
    Rewrite,
    RewriteKind,
    Upstream,
)

from .harness import Answer, Lab, Publish, echo, forward_to, route

PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"
PAGE_HEADERS = ["Server", "Date", "Content-Type", "Content-Length"]
FINE = FixedResponse(200, "text/plain; charset=utf-8", "fine")


def assert_page(answer: Answer, title: str, length: int) -> None:
    assert (answer.status, answer.text) == (int(title[:3]), PAGE.format(title))
    assert int(answer.headers["content-length"]) == len(answer.body) == length
    assert answer.headers["server"] == "awselb/2.0"
    assert answer.headers["content-type"] == "text/html"
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", answer.headers["date"])


async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.abort()


async def closes(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def babbles(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"what?\r\n\r\n")


async def boasts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 33 * 1024 + b"\r\ncontent-length: 0\r\n\r\n")


async def waits(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.semantics("EDGE-06", "EDGE-17")
@pytest.mark.parametrize("handler", [resets, closes, babbles, boasts])
def test_a_target_that_answers_badly_is_a_502(lab: Lab, publish: Publish, handler: object) -> None:
    upstream = Upstream("bad", "arn:bad", (lab.target(handler),))  # type: ignore[arg-type]
    answer = lab.get(publish(route(forward_to(upstream)), upstreams=(upstream,)))
    assert_page(answer, "502 Bad Gateway", 122)
    assert [name for name, _ in answer.header_lines] == PAGE_HEADERS


def test_a_target_that_refuses_the_connection_is_a_502(lab: Lab, publish: Publish) -> None:
    upstream = Upstream("gone", "arn:gone", (Endpoint("127.0.0.1", lab.free_port()),))
    answer = lab.get(publish(route(forward_to(upstream)), upstreams=(upstream,)))
    assert_page(answer, "502 Bad Gateway", 122)


@pytest.mark.semantics("EDGE-06", "EDGE-17")
def test_no_target_is_a_503(lab: Lab, publish: Publish) -> None:
    upstream = Upstream("empty", "arn:empty", ())
    answer = lab.get(publish(route(forward_to(upstream)), upstreams=(upstream,)))
    assert_page(answer, "503 Service Temporarily Unavailable", 162)


@pytest.mark.semantics("EDGE-17")
def test_a_target_that_is_silent_for_the_idle_timeout_is_a_504(lab: Lab, publish: Publish) -> None:
    upstream = Upstream("silent", "arn:silent", (lab.target(waits),))
    options = ListenerOptions(idle_timeout=1)
    answer = lab.get(publish(route(forward_to(upstream)), upstreams=(upstream,), options=options))
    assert_page(answer, "504 Gateway Time-out", 132)


@pytest.mark.semantics("EDGE-17")
def test_a_target_that_accepts_no_connection_in_time_is_a_504(lab: Lab, publish: Publish) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        # The queue of a listening socket that nobody accepts from is full after a connection or two.
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        upstream = Upstream("full", "arn:full", (Endpoint(*address),), connect_timeout=0.5)
        answer = lab.get(publish(route(forward_to(upstream)), upstreams=(upstream,)))
        for each in waiting:
            each.close()
    assert_page(answer, "504 Gateway Time-out", 132)


@pytest.mark.semantics("EDGE-06", "EDGE-16")
@pytest.mark.parametrize(
    ("request_text", "title", "length"),
    [
        ("what is this\r\n\r\n", "400 Bad Request", 122),
        ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request", 122),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", "400 Bad Request", 122),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: " + "a" * 70_000 + "\r\n\r\n", "400 Bad Request", 122),
        ("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: " + "a" * 16_369 + "\r\n\r\n", "400 Bad Request", 122),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "400 Bad Request",
            122,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "400 Bad Request",
            122,
        ),
        ("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", "400 Bad Request", 122),
        ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "405 Not Allowed", 122),
        ("GET /" + "a" * 16_384 + " HTTP/1.1\r\nHost: a\r\n\r\n", "414 Request-URI Too Large", 142),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " + ", ".join(["1.1.1.1"] * 31) + "\r\n\r\n",
            "463 Bad X-Forwarded-For",
            138,
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501 Not Implemented", 130),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else str(value),
)
def test_what_is_refused_before_any_rule(
    lab: Lab, publish: Publish, request_text: str, title: str, length: int
) -> None:
    answer = lab.ask(publish(route(FINE)), request_text)
    assert_page(answer, title, length)
    assert [name for name, _ in answer.header_lines if name != "Connection"] == PAGE_HEADERS


@pytest.mark.semantics("EDGE-16")
@pytest.mark.parametrize(
    "request_text",
    [
        "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: " + "a" * 16_368 + "\r\n\r\n",
        "GET /" + "a" * 16_300 + " HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " + ", ".join(["1.1.1.1"] * 30) + "\r\n\r\n",
        "PURGE / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
    ],
    ids=lambda value: value[:40],
)
def test_what_is_just_allowed(lab: Lab, publish: Publish, request_text: str) -> None:
    assert lab.ask(publish(route(FINE)), request_text).text == "fine"


def test_the_401_of_a_guard(lab: Lab, publish: Publish, echoing: Upstream) -> None:
    guard = AlbGuard("https://issuer.test/", "https://issuer.test/jwks")
    port = publish(route(forward_to(echoing), guard=guard), upstreams=(echoing,))
    for method in ("GET", "POST", "HEAD"):
        answer = lab.ask(port, f"{method} / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answer.status_line == "HTTP/1.1 401 Unauthorized"
        assert [name for name, _ in answer.header_lines] == PAGE_HEADERS
        if method == "HEAD":
            assert (answer.headers["content-length"], answer.body) == ("144", b"")
        else:
            assert_page(answer, "401 Authorization Required", 144)


def test_a_client_that_never_ends_its_request_gets_408(lab: Lab, publish: Publish) -> None:
    port = publish(route(FINE), options=ListenerOptions(idle_timeout=1))
    assert_page(lab.ask(port, "GET / HTTP/1.1\r\nHost:"), "408 Request Time-out", 132)


@pytest.mark.parametrize("status", [200, 204, 404, 503])
def test_a_fixed_response_is_exactly_what_was_configured(lab: Lab, publish: Publish, status: int) -> None:
    body = "" if status == 204 else "100 % sure: %REQ(:path)%\n"
    answer = lab.get(publish(route(FixedResponse(status, "text/plain; charset=utf-8", body))))
    assert (answer.status, answer.text) == (status, body)
    assert answer.headers["server"] == "awselb/2.0"
    if body:
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert [name for name, _ in answer.header_lines] == PAGE_HEADERS


def test_the_server_header_can_be_turned_off(lab: Lab, publish: Publish) -> None:
    empty = Upstream("empty", "arn:empty", ())
    port = publish(
        route(FINE, Match(path=(Pattern("/fixed"),)), "fixed"),
        route(forward_to(empty)),
        upstreams=(empty,),
        options=ListenerOptions(server_header=False),
    )
    for path in ("/fixed", "/"):
        assert "server" not in lab.get(port, path).headers


def test_head_gets_the_length_and_no_body(lab: Lab, publish: Publish) -> None:
    empty = Upstream("empty", "arn:empty", ())
    port = publish(route(forward_to(empty)), upstreams=(empty,))
    answer = lab.ask(port, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (answer.status, answer.headers["content-length"], answer.body) == (503, "162", b"")


@pytest.mark.semantics("EDGE-13")
@pytest.mark.parametrize(
    ("redirect", "target", "location"),
    [
        (
            Redirect(301, "HTTPS", "#{host}", "443", "/#{path}", "#{query}"),
            "/a/b?c=d&e",
            "https://app.test:443/a/b?c=d&e",
        ),
        (Redirect(302, "HTTPS", "#{host}", "443", "/#{path}", "#{query}"), "/", "https://app.test:443/"),
        (
            Redirect(302, "#{protocol}", "x.#{host}", "#{port}", "/n/#{path}", "p=#{port}&q=#{protocol}"),
            "/a?b",
            "http://x.app.test:8080/n/a?p=8080&q=http",
        ),
        (
            Redirect(301, "HTTPS", "other.test", "8443", "/#{host}#{unknown}", "100%"),
            "/%41/../b",
            "https://other.test:8443/app.test#{unknown}?100%",
        ),
        (
            Redirect(301, "HTTPS", "#{host}", "443", "/#{path}", ""),
            "/%41/../#{host}?#{port}".replace("#", "%23"),
            "https://app.test:443/%41/../%23{host}",
        ),
    ],
)
def test_redirects(lab: Lab, publish: Publish, redirect: Redirect, target: str, location: str) -> None:
    answer = lab.get(publish(route(redirect), public_port=8080), target)
    assert answer.headers["location"] == location
    assert [name for name, _ in answer.header_lines] == [*PAGE_HEADERS, "Location"]
    if redirect.status == 301:
        assert_page(answer, "301 Moved Permanently", 134)
    else:
        assert_page(answer, "302 Found", 110)


@pytest.mark.semantics("EDGE-13")
def test_a_redirect_that_grows_too_long_is_a_507(lab: Lab, publish: Publish) -> None:
    redirect = Redirect(301, "HTTPS", "#{host}", "443", "/#{path}", "#{query}")
    answer = lab.get(publish(route(redirect)), "/" + "a" * 8192)
    assert_page(answer, "507 Insufficient Storage", 140)
    assert "location" not in answer.headers


def url(regex: str, replace: str) -> Rewrite:
    return Rewrite(RewriteKind.URL, regex, replace)


@pytest.mark.semantics("EDGE-10")
@pytest.mark.parametrize(
    ("rewrites", "target", "line", "host"),
    [
        ((url("^/tenant-A/(.*)$", "/$1"),), "/tenant-A/x/y?z=1", "GET /x/y?z=1 HTTP/1.1", "app.test"),
        ((url("^/tenant-A/(.*)$", "/$1"),), "/other?z=1", "GET /other?z=1 HTTP/1.1", "app.test"),
        ((url(r"^/a/([^?]*)\?(.*)$", "/q/$2/${1}0"),), "/a/x?y=1", "GET /q/y=1/x0 HTTP/1.1", "app.test"),
        ((url(r"^/a\?", r"/\\b?"),), "/a?y=1", r"GET /\\b?y=1 HTTP/1.1", "app.test"),
        (
            (url("^/a/", "/b/"), Rewrite(RewriteKind.HOST, r"^(.*)\.test$", "$1.internal")),
            "/a/x",
            "GET /b/x HTTP/1.1",
            "app.internal",
        ),
        ((url("^/a/", "/b/"),), "/a/%41/../x", "GET /b/%41/../x HTTP/1.1", "app.test"),
    ],
)
def test_rewrites(
    lab: Lab,
    publish: Publish,
    echoing: Upstream,
    rewrites: tuple[Rewrite, ...],
    target: str,
    line: str,
    host: str,
) -> None:
    port = publish(route(forward_to(echoing), rewrites=rewrites), upstreams=(echoing,))
    lines = lab.get(port, target).text.split("\r\n")
    assert lines[0] == line
    assert f"host: {host}" in lines


@pytest.mark.semantics("EDGE-10")
@pytest.mark.parametrize("target", ["/tenant-A/x", "/tenant-%41/x"])
def test_a_rewritten_request_does_not_meet_the_rules_again(
    lab: Lab, publish: Publish, echoing: Upstream, target: str
) -> None:
    first = Match(path=(Pattern("/tenant-A/*", PatternKind.WILDCARD),))
    rewrites = (url("^/tenant-(A|%41)/(.*)$", "/$2"),)
    port = publish(
        route(forward_to(echoing), first, "tenant", rewrites=rewrites),
        route(FixedResponse(403, "text/plain", "the default"), name="default"),
        upstreams=(echoing,),
    )
    assert lab.get(port, target).text.split("\r\n")[0] == "GET /x HTTP/1.1"
    assert lab.get(port, "/x").status == 403


@pytest.mark.semantics("EDGE-10")
@pytest.mark.parametrize(
    "rewrite",
    [
        url("^/", "no-slash"),
        url("^/.*$", ""),
        Rewrite(RewriteKind.HOST, "^.*$", "not a host"),
        Rewrite(RewriteKind.HOST, "^.*$", ""),
    ],
)
def test_a_rewrite_that_makes_no_request_is_a_500(
    lab: Lab, publish: Publish, echoing: Upstream, rewrite: Rewrite
) -> None:
    port = publish(route(forward_to(echoing), rewrites=(rewrite,)), upstreams=(echoing,))
    for target in ("/x", "/%78"):
        assert_page(lab.get(port, target), "500 Internal Server Error", 142)


def test_http1_to_an_http2_group_is_a_464(lab: Lab, publish: Publish) -> None:
    upstream = Upstream("h2", "arn:h2", (lab.target(echo),), protocol=Protocol.HTTP2)
    port = publish(route(forward_to(upstream)), upstreams=(upstream,))
    for target in ("/x", "/%78"):
        assert_page(lab.get(port, target), "464 Incompatible Protocol", 142)


@pytest.mark.semantics("EDGE-04")
def test_unhealthy_targets_get_traffic_only_when_all_are(lab: Lab, publish: Publish) -> None:
    good, bad = lab.target(echo), lab.target(resets)
    sick = Endpoint(bad.address, bad.port, healthy=False)
    mixed = Upstream("mixed", "arn:mixed", (good, sick))
    open_ = Upstream("open", "arn:open", (Endpoint(good.address, good.port, healthy=False),))
    port = publish(
        route(forward_to(mixed), Match(path=(Pattern("/mixed/*", PatternKind.WILDCARD),)), "mixed"),
        route(forward_to(open_)),
        upstreams=(mixed, open_),
    )
    assert {lab.get(port, f"/mixed/{n}").status for n in range(20)} == {200}
    assert lab.get(port, "/").status == 200
