"""A hostile client: nothing passes a guard, no request hides in another, what is refused reaches no target."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sekisho.model.ir import ListenerOptions
from sekisho.model.ir_tls import Certificate, Tls

from .harness import Lab, Publish
from .hostile import Tenants, is_closed_soon, send_http2, send_raw
from .test_tls import certificate

CASES = Path(__file__).parents[4] / "shared" / "data" / "http" / "cases.json"

# Read in one way only, and passed on in that way, although somebody stricter would refuse them: a request line
# without a version or with HTTP/2.0 counts as HTTP/1.0, and the connection ends; a lone CR in a header's value is left
# out; what of a body is not sent is waited for.
LENIENT = {"garden-server-9", "garden-server-32", "te-x-rout", "http09", "version-20"}


@pytest.fixture(scope="module")
def tenants(lab: Lab) -> Tenants:
    return Tenants(lab)


@pytest.fixture
def port(tenants: Tenants, publish: Publish) -> Iterator[int]:
    yield publish(*tenants.routes(), upstreams=tuple(tenants.upstreams.values()), key_sets=(tenants.key_set,))
    tenants.arrived.clear()


@pytest.fixture(scope="module")
def served() -> Certificate:
    return certificate("default.test")


@pytest.fixture
def tls_port(tenants: Tenants, publish: Publish, served: Certificate) -> Iterator[int]:
    yield publish(
        *tenants.routes(),
        upstreams=tuple(tenants.upstreams.values()),
        key_sets=(tenants.key_set,),
        tls=Tls((served,)),
        public_port=443,
    )
    tenants.arrived.clear()


def load_cases() -> list[Any]:
    return list(json.loads(CASES.read_text())["cases"]) if CASES.is_file() else []


@pytest.mark.slow
@pytest.mark.skipif(
    not CASES.is_file(), reason="../shared/data/http, the raw requests of others, is not here"
)
def test_raw_requests_of_others(tenants: Tenants, port: int) -> None:
    wrong = {case["id"]: found for case in load_cases() if (found := find_wrong(case, tenants, port))}
    assert wrong == {}


def find_wrong(case: dict[str, Any], tenants: Tenants, port: int) -> str | None:
    """Play a case and return what its author would not have."""
    raw = base64.b64decode(case["raw_b64"])
    for name in "AB":
        raw = raw.replace(f"{{{{TOKEN_TENANT_{name}}}}}".encode(), tenants.token(name).encode())
    tenants.arrived.clear()
    statuses = send_raw(port, raw)
    complete = [request for request in tenants.arrived if request.complete]
    most = case["max_requests_to_backend"] - (case["verdict"] == "refuse" and case["id"] not in LENIENT)
    if 500 in statuses:
        return "500"
    if len(complete) > most or len(tenants.arrived) > case["max_requests_to_backend"]:
        return f"{len(tenants.arrived)} requests at targets"
    if case["verdict"] == "never_backend_B" and any(request.target == "B" for request in complete):
        return "tenant B's target was reached"
    if case["verdict"] == "refuse_401" and statuses != [401]:
        return f"{statuses} in place of 401"
    if case["verdict"].startswith("accept") and case["id"] not in LENIENT and statuses[-1:] != [200]:
        return f"{statuses} in place of 200"
    if send_raw(port, b"GET / HTTP/1.1\r\nHost: edge.test\r\nConnection: close\r\n\r\n") != [200]:
        return "the edge does not answer any more"
    return None


WEBSOCKET = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
H2C = (
    "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n"
)
CHUNKED = "Transfer-Encoding: chunked\r\n\r\n"
SMUGGLED = "GET /tenant-B/ HTTP/1.1\r\nHost: d.test\r\n\r\n"


@pytest.mark.semantics("URI-01", "EDGE-07", "EDGE-20", "ALB-JWT-01")
@pytest.mark.parametrize(
    "request_text",
    [
        "GET /tenant-B/ HTTP/1.1\r\nHost: d.test\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: b.test\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: B.TEST:81\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: b.test:\r\n\r\n",
        "GET http://b.test/ HTTP/1.1\r\nHost: d.test\r\n\r\n",
        "GET HTTP://B.TEST:80/ HTTP/1.1\r\nHost: d.test\r\n\r\n",
        "GET http://user@b.test/ HTTP/1.1\r\nHost: d.test\r\n\r\n",
        "GET http://d.test/tenant-B/ HTTP/1.1\r\nHost: d.test\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: d.test\r\nX-Tenant:\tb \r\n\r\n",
        "GET / HTTP/1.1\r\nHost: d.test\r\nX-Tenant: a\r\nx-tenant: B\r\n\r\n",
        "GET / HTTP/1.1\nHost: d.test\nX-Tenant: b\n\n",
        "GET /x/../tenant-B/ HTTP/1.1\r\nHost: d.test\r\n\r\n",
        "GET /x/%2e%2E/tenant-B/ HTTP/1.1\r\nHost: d.test\r\n\r\n",
        "GET /./tenant-B/ HTTP/1.1\r\nHost: d.test\r\n\r\n",
        "GET /%74enant-B/ HTTP/1.1\r\nHost: d.test\r\n\r\n",
        "GET /tenant-B/%00 HTTP/1.1\r\nHost: d.test\r\n\r\n",
        "GET /%zz/../tenant-B/ HTTP/1.1\r\nHost: d.test\r\n\r\n",
        "POST /tenant-B/ HTTP/1.1\r\nHost: d.test\r\nContent-Length: 1\r\n\r\na",
        "OPTIONS /tenant-B/ HTTP/1.1\r\nHost: d.test\r\n\r\n",
        "GET /tenant-B/ HTTP/1.0\r\n\r\n",
        f"GET /tenant-B/ HTTP/1.1\r\nHost: d.test\r\n{WEBSOCKET}\r\n",
        "GET /tenant-B/ HTTP/1.1\r\nHost: d.test\r\nAuthorization: Bearer {token}\r\nConnection: authorization\r\n\r\n",
        f"POST /tenant-B/ HTTP/1.1\r\nHost: d.test\r\n{CHUNKED}0\r\nAuthorization: Bearer {{token}}\r\n\r\n",
        "GET /tenant-B/?access_token={token} HTTP/1.1\r\nHost: d.test\r\n\r\n",
        "GET /tenant-B/ HTTP/1.1\r\nHost: d.test\r\nProxy-Authorization: Bearer {token}\r\n\r\n",
        "GET /tenant-B/ HTTP/1.1\r\nHost: d.test\r\nCookie: authorization=Bearer {token}\r\n\r\n",
        "GET /tenant-B/ HTTP/1.1\r\nHost: d.test\r\nX-Sekisho-Decision: allow\r\n\r\n",
        "GET /tenant-B/ HTTP/1.1\r\nHost: d.test\r\nContent-Type: application/grpc\r\n\r\n",
        "GET /x/../tenant-B/ HTTP/1.1\r\nHost: d.test\r\nContent-Type: application/grpc+proto\r\n\r\n",
    ],
    ids=lambda text: text[:60],
)
def test_no_spelling_of_a_guarded_request_goes_around_its_guard(
    tenants: Tenants, port: int, request_text: str
) -> None:
    assert send_raw(port, request_text.replace("{token}", tenants.token("B")).encode("latin-1")) == [401]
    assert tenants.arrived == []


@pytest.mark.parametrize(
    ("request_text", "statuses"),
    [
        (f"GET / HTTP/1.1\r\nHost: d.test\r\n\r\n{SMUGGLED}", [200, 401]),
        (f"GET / HTTP/1.1\r\nHost: d.test\r\n{WEBSOCKET}\r\n{SMUGGLED}", [200]),
        (
            f"GET /tenant-A/ HTTP/1.1\r\nHost: d.test\r\nAuthorization: Bearer {{token}}\r\n{WEBSOCKET}\r\n{SMUGGLED}",
            [200],
        ),
        (f"GET / HTTP/1.1\r\nHost: d.test\r\nContent-Length: {len(SMUGGLED)}\r\n\r\n{SMUGGLED}", [200]),
        (
            f"GET / HTTP/1.1\r\nHost: d.test\r\n{H2C}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            [200, 400],
        ),
    ],
    ids=["pipelined", "websocket", "guarded websocket", "body", "h2c"],
)
def test_no_request_hides_behind_another(
    tenants: Tenants, port: int, request_text: str, statuses: list[int]
) -> None:
    """The targets here take no upgrade, so what follows one is not theirs either."""
    assert send_raw(port, request_text.replace("{token}", tenants.token("A")).encode()) == statuses
    assert len(tenants.arrived) == 1
    assert tenants.arrived[0].target != "B"


@pytest.mark.semantics("EDGE-21")
@pytest.mark.parametrize(
    "host",
    [
        "a.test\r\nHost: b.test",
        "a.test\r\nHost: a.test",
        "b.test,d.test",
        "user@b.test",
        "b.test d.test",
        "a/b",
    ],
)
def test_what_is_no_host_is_refused(tenants: Tenants, port: int, host: str) -> None:
    assert send_raw(port, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()) == [400]
    assert tenants.arrived == []


@pytest.mark.parametrize(
    "host", ["d.test", "d.test.", "xn--nxasmq6b.test", "[::1]:80", "127.0.0.1", "a_b", ""]
)
def test_what_is_a_host_is_served(tenants: Tenants, port: int, host: str) -> None:
    assert send_raw(port, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()) == [200]
    assert tenants.arrived[0].target == "D"


@pytest.mark.semantics("EDGE-16")
@pytest.mark.parametrize(
    "line", ["X-Big: {0}", "Cookie: {0}", "Authorization: {0}", "X-A: 1\r\nX-Longer-Name: {0}"]
)
def test_every_header_has_its_limit(tenants: Tenants, port: int, line: str) -> None:
    name = line.rpartition("\n")[2]
    fitting = "a" * (16_383 - len(name.format("")))
    assert send_raw(port, f"GET / HTTP/1.1\r\nHost: d.test\r\n{line.format(fitting)}\r\n\r\n".encode()) == [
        200
    ]
    assert b"x-sekisho" not in tenants.arrived[0].head
    text = f"GET / HTTP/1.1\r\nHost: d.test\r\n{line.format(fitting + 'a')}\r\n\r\n"
    assert send_raw(port, text.encode()) == [400]
    assert len(tenants.arrived) == 1


def test_the_connection_ends_after_what_cannot_be_read(port: int) -> None:
    for request in (b"junk\r\n\r\n", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc"):
        assert is_closed_soon(port, request)


def http2(*more: tuple[str, str], path: str = "/", host: str = "d.test", method: str = "GET") -> list[Any]:
    headers = [(":method", method), (":scheme", "https"), (":authority", host), (":path", path), *more]
    return [(name.encode(), value.encode()) for name, value in headers]


@pytest.mark.semantics("EDGE-07", "EDGE-20", "ALB-JWT-01")
@pytest.mark.parametrize(
    "headers",
    [
        http2(path="/tenant-B/"),
        http2(host="b.test"),
        http2(host="B.Test:444"),
        http2(("x-tenant", "b")),
        http2(("x-tenant", " b")),
        http2(("x-tenant", "b\t ")),
        http2(("x-tenant", "a"), ("x-tenant", "b")),
        http2(path="/x/../tenant-B/"),
        http2(path="/%74enant-B/"),
        http2()[:2] + http2()[3:] + [(b"host", b"b.test")],
    ],
    ids=str,
)
def test_no_spelling_over_http2_goes_around_a_guard(
    tenants: Tenants, tls_port: int, headers: list[Any]
) -> None:
    assert send_http2(tls_port, headers) == 401
    assert tenants.arrived == []


@pytest.mark.parametrize(
    "headers",
    [
        http2((":authority", "b.test")),
        http2((":path", "/tenant-B/")),
        http2(("host", "d.test"), ("host", "b.test")),
        http2((":protocol", "websocket"), path="/tenant-B/", method="CONNECT"),
        http2(("X-Tenant", "b")),
        http2(("x", "1\r\nx-tenant: b")),
        http2(("x\nx-tenant", "b")),
        http2(("x-tenant: b", "b")),
        http2(("transfer-encoding", "chunked"), method="POST"),
        http2(("connection", "x-amzn-trace-id")),
        http2(path="/ HTTP/1.1\r\nx-tenant: b"),
        http2(path="/ /tenant-B/"),
        http2(path="https://b.test/tenant-B/"),
        http2(path="tenant-B/"),
        http2(path=""),
        http2(path="/\0"),
        http2(method="GET / HTTP/1.1\r\nx:"),
        http2(host="user@b.test"),
        http2(("x", "y"))[4:] + http2(),
    ],
    ids=str,
)
def test_what_is_malformed_in_http2_reaches_no_target(
    tenants: Tenants, tls_port: int, headers: list[Any]
) -> None:
    assert send_http2(tls_port, headers) in {None, 400}
    assert tenants.arrived == []


@pytest.mark.parametrize("length", ["3", "99"])
def test_a_length_over_http2_that_is_not_the_bodys_is_no_request(
    tenants: Tenants, tls_port: int, length: str
) -> None:
    assert send_http2(tls_port, http2(("content-length", length), method="POST"), SMUGGLED.encode()) is None
    assert [request for request in tenants.arrived if request.complete] == []


@pytest.mark.semantics("EDGE-15")
def test_headers_of_the_edge_itself_cannot_be_sent(tenants: Tenants, tls_port: int) -> None:
    own = ("x-sekisho-upstream", "x-sekisho-group", "x-sekisho-size", "x-envoy-original-path")
    assert send_http2(tls_port, http2(*((name, "1") for name in own))) == 200
    assert not any(name.encode() in tenants.arrived[0].head for name in own)


@pytest.mark.semantics("EDGE-21")
def test_rules_look_at_the_first_host_where_it_is_preserved(tenants: Tenants, publish: Publish) -> None:
    port = publish(
        *tenants.routes(),
        upstreams=tuple(tenants.upstreams.values()),
        key_sets=(tenants.key_set,),
        options=ListenerOptions(preserve_host=True),
    )
    tenants.arrived.clear()
    assert send_raw(port, b"GET / HTTP/1.1\r\nHost: d.test\r\nHost: b.test\r\n\r\n") == [200]
    assert send_raw(port, b"GET / HTTP/1.1\r\nHost: b.test\r\nHost: d.test\r\n\r\n") == [401]
    assert [request.target for request in tenants.arrived] == ["D"]
