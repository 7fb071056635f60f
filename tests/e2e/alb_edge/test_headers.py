"""What the target and the client get to see in the headers."""

import asyncio
import re
from collections import Counter

import pytest

from sekisho.model.ir import (
    AlbGuard,
    Endpoint,
    FixedResponse,
    ForwardedFor,
    ListenerOptions,
    Match,
    Pattern,
    Redirect,
    Upstream,
)

from .harness import Lab, Publish, echo, forward_to, route


def received(lab: Lab, port: int, *headers: str, host: str = "app.test") -> dict[str, str]:
    lines = lab.get(port, "/", *headers, host=host).text.split("\r\n")[1:-2]
    found = dict(line.split(": ", 1) for line in lines)
    assert len(found) == len(lines)
    return found


def test_the_target_gets_these_headers_and_no_others(lab: Lab, publish: Publish, echoing: Upstream) -> None:
    found = received(lab, publish(route(forward_to(echoing)), upstreams=(echoing,)), "X-Own: 1")
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", found.pop("x-amzn-trace-id"))
    assert found == {
        "host": "app.test",
        "x-own": "1",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "http",
        "x-forwarded-port": "80",
    }


@pytest.mark.semantics("EDGE-11", "EDGE-15")
def test_what_a_client_must_not_set(lab: Lab, publish: Publish, echoing: Upstream) -> None:
    port = publish(route(forward_to(echoing)), upstreams=(echoing,))
    forged = ("X-Sekisho-Claims: root", "x-envoy-max-retries: 9", "X-Forwarded-Proto: https")
    found = received(lab, port, *forged, "X-Forwarded-Port: 1", "x-envoy-upstream-rq-timeout-ms: 1")
    assert set(found) == {
        "host",
        "x-amzn-trace-id",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-forwarded-port",
    }
    assert (found["x-forwarded-proto"], found["x-forwarded-port"]) == ("http", "80")


@pytest.mark.semantics("EDGE-11")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (ListenerOptions(), r"1\.2\.3\.4, 127\.0\.0\.1"),
        (ListenerOptions(forwarded_for_port=True), r"1\.2\.3\.4, 127\.0\.0\.1:\d+"),
        (ListenerOptions(forwarded_for=ForwardedFor.PRESERVE, forwarded_for_port=True), r"1\.2\.3\.4"),
        (ListenerOptions(forwarded_for=ForwardedFor.REMOVE), ""),
    ],
)
def test_forwarded_for(
    lab: Lab, publish: Publish, echoing: Upstream, options: ListenerOptions, expected: str
) -> None:
    port = publish(route(forward_to(echoing)), upstreams=(echoing,), options=options)
    found = received(lab, port, "X-Forwarded-For: 1.2.3.4")
    assert re.fullmatch(expected, found.get("x-forwarded-for", ""))


@pytest.mark.semantics("EDGE-12")
@pytest.mark.parametrize(
    ("received_value", "expected"),
    [
        ("Root=1-a-b;Foo=1", r"Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-a-b;Foo=1"),
        ("Self=1-x-y;Root=1-a-b", r"Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-a-b"),
        ("Foo=1", r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Foo=1"),
        ("Root=1-a-b;Big=" + "x" * 7200, r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}"),
    ],
)
def test_trace_id(lab: Lab, publish: Publish, echoing: Upstream, received_value: str, expected: str) -> None:
    port = publish(route(forward_to(echoing)), upstreams=(echoing,))
    found = received(lab, port, f"X-Amzn-Trace-Id: {received_value}")
    assert re.fullmatch(expected, found["x-amzn-trace-id"])


def test_trace_ids_do_not_repeat(lab: Lab, publish: Publish, echoing: Upstream) -> None:
    port = publish(route(forward_to(echoing)), upstreams=(echoing,))
    assert len({received(lab, port)["x-amzn-trace-id"] for _ in range(50)}) == 50


@pytest.mark.semantics("EDGE-14")
@pytest.mark.parametrize(
    ("public_port", "preserve", "sent", "expected"),
    [
        (80, False, "App.Test", "app.test"),
        (80, False, "App.Test:{port}", "app.test"),
        (80, False, "App.Test:80", "app.test"),
        (80, False, "app.test:99", "app.test:99"),
        (8080, False, "App.Test", "app.test:8080"),
        (8080, False, "App.Test:{port}", "app.test:8080"),
        (8080, False, "app.test:8080", "app.test:8080"),
        (8080, False, "[::1]:{port}", "[::1]:8080"),
        (80, True, "App.Test:{port}", "App.Test:{port}"),
    ],
)
def test_host(
    lab: Lab,
    publish: Publish,
    echoing: Upstream,
    public_port: int,
    preserve: bool,
    sent: str,
    expected: str,
) -> None:
    port = publish(
        route(forward_to(echoing)),
        upstreams=(echoing,),
        public_port=public_port,
        options=ListenerOptions(preserve_host=preserve),
    )
    assert received(lab, port, host=sent.format(port=port))["host"] == expected.format(port=port)


def test_the_host_of_an_absolute_uri_wins(lab: Lab, publish: Publish, echoing: Upstream) -> None:
    port = publish(route(forward_to(echoing)), upstreams=(echoing,))
    answer = lab.ask(port, "GET http://other.test/x HTTP/1.1\r\nHost: app.test\r\n\r\n")
    assert answer.text.startswith("GET /x HTTP/1.1\r\nhost: other.test\r\n")


def test_http10_without_host_has_the_load_balancers_name(
    lab: Lab, publish: Publish, echoing: Upstream
) -> None:
    port = publish(route(forward_to(echoing)), upstreams=(echoing,))
    assert "host: alb.example\r\n" in lab.ask(port, "GET / HTTP/1.0\r\n\r\n").text


@pytest.mark.parametrize("drop", [True, False])
def test_invalid_header_names(lab: Lab, publish: Publish, echoing: Upstream, drop: bool) -> None:
    options = ListenerOptions(drop_invalid_headers=drop)
    port = publish(route(forward_to(echoing)), upstreams=(echoing,), options=options)
    found = received(lab, port, "x_bad: 1", "x.bad: 1", "X-Good-1: 1", "_: 1")
    assert {"x-good-1", "host"} <= set(found)
    assert bool({"x_bad", "x.bad", "_"} & set(found)) is not drop


async def speaks_in_its_own_case(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(
        b"HTTP/1.1 299 Sort Of\r\nserver: mine\r\nETag: x\r\nX-WEIRD-case: a\r\nx-frame-options: no\r\n"
        b"Content-Length: 2\r\n\r\nok"
    )


def test_the_targets_answer_reaches_the_client_as_it_is(lab: Lab, publish: Publish) -> None:
    upstream = Upstream("own", "arn:own", (lab.target(speaks_in_its_own_case),))
    answer = lab.get(publish(route(forward_to(upstream)), upstreams=(upstream,)))
    assert (answer.status, answer.text) == (299, "ok")
    assert answer.header_lines[:5] == (
        ("server", "mine"),
        ("ETag", "x"),
        ("X-WEIRD-case", "a"),
        ("x-frame-options", "no"),
        ("Content-Length", "2"),
    )
    assert [name for name, _ in answer.header_lines[5:]] == ["date"]


RESPONSE_HEADERS = ListenerOptions(
    response_headers=(
        ("x-frame-options", "DENY"),
        ("strict-transport-security", "max-age=1; x=100%"),
        ("content-security-policy", "default-src 'self' \\ \"x\" %REQ(host)% ) ?"),
    )
)


def test_listener_attributes_replace_headers_of_targets_and_fixed_responses(
    lab: Lab, publish: Publish
) -> None:
    upstream = Upstream("own", "arn:own", (lab.target(speaks_in_its_own_case),))
    for action, upstreams in ((forward_to(upstream), (upstream,)), (FixedResponse(200), ())):
        headers = lab.get(publish(route(action), upstreams=upstreams, options=RESPONSE_HEADERS)).headers
        assert {name: headers.get(name) for name, _ in RESPONSE_HEADERS.response_headers} == dict(
            RESPONSE_HEADERS.response_headers
        )


@pytest.mark.semantics("EDGE-19")
def test_listener_attributes_do_not_reach_the_load_balancers_own_pages(
    lab: Lab, publish: Publish, echoing: Upstream
) -> None:
    empty = Upstream("empty", "arn:empty", ())
    gone = Upstream("gone", "arn:gone", (Endpoint("127.0.0.1", lab.free_port()),))
    guard = AlbGuard("https://issuer.test/", "https://issuer.test/jwks")
    paths = {name: Match(path=(Pattern(f"/{name}"),)) for name in ("empty", "gone", "idle", "to", "guard")}
    port = publish(
        route(forward_to(empty), paths["empty"], "empty"),
        route(forward_to(gone), paths["gone"], "gone"),
        route(forward_to((echoing, 0)), paths["idle"], "idle"),
        route(Redirect(302, "HTTPS", "#{host}", "443", "/#{path}", "#{query}"), paths["to"], "to"),
        route(forward_to(echoing), paths["guard"], "guard", guard=guard),
        route(FixedResponse(200)),
        upstreams=(empty, gone, echoing),
        options=RESPONSE_HEADERS,
    )
    for path, status in (("empty", 503), ("gone", 502), ("idle", 503), ("to", 302), ("guard", 401)):
        answer = lab.get(port, f"/{path}")
        assert answer.status == status
        assert answer.headers.keys() == {
            *({"location"} if status == 302 else ()),
            *("server", "date", "content-type", "content-length"),
        }


def test_a_group_keeps_its_clients_by_cookie(lab: Lab, publish: Publish, echoing: Upstream) -> None:
    empty = Upstream("empty", "arn:empty", ())
    port = publish(
        route(forward_to((echoing, 50), (empty, 50), sticky_seconds=60)), upstreams=(echoing, empty)
    )
    seen: Counter[int] = Counter()
    for _ in range(30):
        first = lab.get(port)
        cookies = [value for name, value in first.header_lines if name.lower() == "set-cookie"]
        cookie = cookies[0].split(";")[0]
        assert re.fullmatch(r"AWSALBTG=[0-9a-f]{40}", cookie)
        assert cookies[1].startswith(cookie.replace("AWSALBTG", "AWSALBTGCORS"))
        assert cookies[1].endswith("; Path=/; SameSite=None; Secure")
        again = [lab.get(port, path, f"Cookie: a=b; {cookie}") for path in ("/", "/", "/%41")]
        assert {answer.status for answer in again} == {first.status}
        assert all("x-sekisho" not in answer.text for answer in again)
        seen[first.status] += 1
    assert set(seen) == {200, 503}


def test_websockets_pass(lab: Lab, publish: Publish) -> None:
    async def upgrades(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"upgrade: websocket" in head.lower()
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        writer.write(b"echo " + await reader.readexactly(4))
        await writer.drain()

    upstream = Upstream("ws", "arn:ws", (lab.target(upgrades),))
    port = publish(route(forward_to(upstream)), upstreams=(upstream,))

    async def talk() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        writer.write(b"ping")
        echoed = await reader.readexactly(9)
        writer.close()
        return echoed

    assert lab.run(talk()) == b"echo ping"


def test_one_connection_carries_many_requests(lab: Lab, publish: Publish) -> None:
    upstream = Upstream("keep", "arn:keep", (lab.target(echo),))
    port = publish(route(forward_to(upstream)), upstreams=(upstream,))

    async def talk() -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = []
        for number in range(5):
            writer.write(f"GET /{number} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            lines.append(head.split(b"\r\n")[0])
            await reader.readuntil(b"\r\n\r\n")
        writer.close()
        return lines

    assert lab.run(talk()) == [b"HTTP/1.1 200 OK"] * 5


def test_many_headers_pass_both_ways(lab: Lab, publish: Publish) -> None:
    many = [f"x-{number}: {number}" for number in range(500)]

    async def mirrors(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        mirrored = [line for line in head.split("\r\n") if line in many]
        writer.write("\r\n".join(["HTTP/1.1 200 OK", "content-length: 0", *mirrored, "", ""]).encode())

    upstream = Upstream("mirror", "arn:mirror", (lab.target(mirrors),))
    answer = lab.get(publish(route(forward_to(upstream)), upstreams=(upstream,)), "/", *many)
    assert [f"{name}: {value}" for name, value in answer.header_lines if name != "date"][1:] == many
