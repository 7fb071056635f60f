"""Which rule of a listener takes a request; the reference must say the same."""

import pytest

from sekisho.model.ir import (
    FixedResponse,
    Flavour,
    HeaderMatch,
    Listener,
    Match,
    Pattern,
    PatternKind,
    QueryPair,
    Refuse,
    Upstream,
)
from sekisho.verify.routing import RequestLine, choose_route

from .harness import Lab, Publish, forward_to, route


def wild(text: str, *, case: bool = True) -> Pattern:
    kind = PatternKind.WILDCARD if set(text) & set("*?") else PatternKind.EXACT
    return Pattern(text, kind, case)


def regex(text: str) -> Pattern:
    return Pattern(text, PatternKind.REGEX)


def header(name: str, *texts: str) -> HeaderMatch:
    return HeaderMatch(name, tuple(wild(text, case=False) for text in texts))


def pair(value: str, key: str | None = None) -> QueryPair:
    return QueryPair(wild(value, case=False), None if key is None else wild(key, case=False))


MATCHES = {
    "exact": Match(path=(wild("/exact"),)),
    "prefix": Match(path=(wild("/pre/*"),)),
    "wild": Match(path=(wild("/a?c/*.js"), wild("/two"))),
    "special": Match(path=(wild("/x.y+(z)/*/end"),)),
    "regex": Match(path=(regex("^/v[0-9]+/"),)),
    "regex-inside": Match(path=(regex("secret"),)),
    "host": Match(host=(wild("*.Example.com", case=False),)),
    "host-regex": Match(host=(regex("^re-[a-z]+[.]test$"),)),
    "method": Match(methods=("PUT", "DELETE")),
    "headers": Match(headers=(header("x-t", "*Abc*"), header("x-u", "1", "2"))),
    "agent": Match(headers=(header("user-agent", "curl/8.?.*"),)),
    "query": Match(query=((pair("v*", "K"), pair("solo")), (pair("on", "m?de"),))),
    "literal": Match(query=((QueryPair(Pattern("a\\*b", PatternKind.WILDCARD, False)),),)),
    "elsewhere": Match(path=(wild("/src"),), sources=("10.0.0.0/8", "::/0")),
    "here": Match(path=(wild("/src"),), sources=("10.0.0.0/8", "127.0.0.0/8")),
    "default": Match(),
}
ROUTES = tuple(route(FixedResponse(200, "text/plain", name), match, name) for name, match in MATCHES.items())

REQUESTS: tuple[tuple[str, str, str, str], ...] = (
    ("GET", "/exact", "app.test", ""),
    ("GET", "/exact?x=1", "app.test", ""),
    ("GET", "/exact/", "app.test", ""),
    ("GET", "/Exact", "app.test", ""),
    ("GET", "/pre/", "app.test", ""),
    ("GET", "/pre/a/b?c=/d", "app.test", ""),
    ("GET", "/pre", "app.test", ""),
    ("GET", "/abc/x.js", "app.test", ""),
    ("GET", "/a/c/x.js", "app.test", ""),
    ("GET", "/ac/x.js", "app.test", ""),
    ("GET", "/two", "app.test", ""),
    ("GET", "/x.y+(z)/1/2/end", "app.test", ""),
    ("GET", "/xay+(z)/1/end", "app.test", ""),
    ("GET", "/v12/x", "app.test", ""),
    ("GET", "/xv12/", "app.test", ""),
    ("GET", "/any/top-secret-file", "app.test", ""),
    ("GET", "/", "a.EXAMPLE.com", ""),
    ("GET", "/", "a.b.example.com:9999", ""),
    ("GET", "/", "example.com", ""),
    ("GET", "/", "re-xyz.test", ""),
    ("GET", "/", "re-123.test", ""),
    ("PUT", "/", "app.test", ""),
    ("put", "/", "app.test", ""),
    ("DELETE", "/x", "app.test", ""),
    ("PURGE", "/x", "app.test", ""),
    ("GET", "/", "app.test", "X-T: xxabcxx\r\nx-u: 2"),
    ("GET", "/", "app.test", "X-T: xxabcxx\r\nx-u: 12"),
    ("GET", "/", "app.test", "X-T: xxabcxx"),
    ("GET", "/", "app.test", "User-Agent: CURL/8.9.1"),
    ("GET", "/", "app.test", "User-Agent: curl/8..1"),
    ("GET", "/", "app.test", "User-Agent: curl/81.1"),
    ("GET", "/?k=V1&mode=on", "app.test", ""),
    ("GET", "/?Mode=ON&a=b&K=v", "app.test", ""),
    ("GET", "/?kk=v1&mode=on", "app.test", ""),
    ("GET", "/?k=v1", "app.test", ""),
    ("GET", "/?solo&mode=on", "app.test", ""),
    ("GET", "/?z=solo&mode=on", "app.test", ""),
    ("GET", "/?solox&mode=on", "app.test", ""),
    ("GET", "/?solo=x&mode=on", "app.test", ""),
    ("GET", "/?q=a*b", "app.test", ""),
    ("GET", "/?q=axb", "app.test", ""),
    ("GET", "/src", "app.test", ""),
    ("GET", "/%65xact", "app.test", ""),
    ("GET", "/a/../exact", "app.test", ""),
    ("GET", "/a/%2e%2e/exact?q", "app.test", ""),
    ("GET", "/./pre/./x/..", "app.test", ""),
    ("GET", "/pre%2Fx", "app.test", ""),
    ("GET", "//exact", "app.test", ""),
    ("GET", "/x?/../exact", "app.test", ""),
)


@pytest.fixture(scope="module")
def port(lab: Lab) -> int:
    from sekisho.model.ir import Edge

    port = lab.free_port()
    lab.publish(Edge((Listener("routing", "arn:routing", Flavour.ALB, port, 80, ROUTES),)))
    return port


@pytest.mark.semantics("EDGE-01", "EDGE-07", "EDGE-08", "EDGE-09")
@pytest.mark.parametrize(("method", "target", "host", "lines"), REQUESTS)
def test_envoy_and_the_reference_choose_the_same_rule(
    lab: Lab, port: int, method: str, target: str, host: str, lines: str
) -> None:
    more = f"{lines}\r\n" if lines else ""
    answer = lab.ask(port, f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n")

    pairs = [tuple(line.split(": ", 1)) for line in lines.split("\r\n") if lines]
    request = RequestLine(method, target, (("host", host), *((name, value) for name, value in pairs)))
    listener = Listener("routing", "arn:routing", Flavour.ALB, port, 80, ROUTES)
    expected = choose_route(listener, request)
    assert expected is not None
    assert (answer.status, answer.text) == (200, expected.name)


def test_the_cases_reach_every_rule() -> None:
    listener = Listener("routing", "arn:routing", Flavour.ALB, 1, 80, ROUTES)
    reached = set()
    for method, target, host, lines in REQUESTS:
        pairs = [tuple(line.split(": ", 1)) for line in lines.split("\r\n") if lines]
        request = RequestLine(method, target, (("host", host), *((name, value) for name, value in pairs)))
        found = choose_route(listener, request)
        reached.add(found.name if found else None)
    assert reached == set(MATCHES) - {"elsewhere"}


@pytest.mark.semantics("EDGE-02")
def test_a_route_that_could_not_be_compiled_answers_500_and_the_others_go_on(
    lab: Lab, publish: Publish
) -> None:
    broken = route(
        FixedResponse(200, None, "never"), Match(path=(wild("/a/*"),), host=(regex("(?=x)"),)), "x"
    )
    refused = route(Refuse("action-unsupported"), Match(path=(wild("/b"),)), "y")
    port = publish(broken, refused, route(FixedResponse(200, "text/plain", "fine")))
    assert lab.get(port, "/a/1").status == 500
    assert lab.get(port, "/b").status == 500
    assert lab.get(port, "/c").text == "fine"


@pytest.mark.semantics("EDGE-03")
def test_weights(lab: Lab, publish: Publish, echoing: Upstream) -> None:
    other = Upstream("other", "arn:other", ())
    port = publish(
        route(forward_to((echoing, 0), (other, 0)), Match(path=(wild("/none"),)), "none"),
        route(forward_to((echoing, 1), (other, 0)), Match(path=(wild("/one"),)), "one"),
        route(forward_to((echoing, 500), (other, 500)), name="both"),
        upstreams=(echoing, other),
    )
    assert lab.get(port, "/none").status == 503
    assert {lab.get(port, "/one").status for _ in range(20)} == {200}
    # The empty group is not failed over to the other one.
    assert {lab.get(port, "/both").status for _ in range(60)} == {200, 503}
