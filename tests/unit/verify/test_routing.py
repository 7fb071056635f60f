"""Which rule takes a request."""

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
    Route,
)
from sekisho.verify.routing import RequestLine, choose_route, fits, is_match

WILD = PatternKind.WILDCARD


def request(target: str = "/", method: str = "GET", peer: str = "127.0.0.1", **headers: str) -> RequestLine:
    pairs = tuple(
        (name.replace("_", "-"), value) for name, value in {"host": "example.com", **headers}.items()
    )
    return RequestLine(method, target, pairs, peer)


def listener(*matches: Match) -> Listener:
    routes = tuple(
        Route(str(number), str(number), number, match, FixedResponse(200))
        for number, match in enumerate(matches)
    )
    return Listener("l", "l", Flavour.ALB, 1, 443, routes)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (Pattern("/a/*", WILD), "/a/", True),
        (Pattern("/a/*", WILD), "/a", False),
        (Pattern("/a/?", WILD), "/a/b", True),
        (Pattern("/a/?", WILD), "/a/", False),
        (Pattern("/A", WILD), "/a", False),
        (Pattern("/A", WILD, case_sensitive=False), "/a", True),
        (Pattern(r"/\*", WILD), "/*", True),
        (Pattern(r"/\*", WILD), "/x", False),
        (Pattern("/a.c"), "/abc", False),
        (Pattern("^/v[0-9]+/", PatternKind.REGEX), "/v12/x", True),
        (Pattern("b", PatternKind.REGEX), "abc", True),
    ],
)
def test_patterns(pattern: Pattern, text: str, expected: bool) -> None:
    assert fits(pattern, text) is expected


@pytest.mark.parametrize(
    ("match", "sent", "expected"),
    [
        (Match(), request(), True),
        (Match(path=(Pattern("/x"), Pattern("/y"))), request("/y?q=1"), True),
        (Match(path=(Pattern("/b/*", WILD),)), request("/a/../b/c"), True),
        (Match(path=(Pattern("/b/*", WILD),)), request("/%62/c"), True),
        (
            Match(host=(Pattern("*.example.com", WILD, case_sensitive=False),)),
            request(host="A.example.com:8443"),
            True,
        ),
        (
            Match(host=(Pattern("*.example.com", WILD, case_sensitive=False),)),
            request(host="example.com"),
            False,
        ),
        (Match(methods=("GET",)), request(method="get"), False),
        (Match(headers=(HeaderMatch("x-a", (Pattern("1*", WILD),)),)), request(X_A="12"), True),
        (Match(headers=(HeaderMatch("x-a", (Pattern("1*", WILD),)),)), request(), False),
        (Match(query=((QueryPair(Pattern("b*", WILD), Pattern("v")),),)), request("/?u=1&v=b2"), True),
        (Match(query=((QueryPair(Pattern("b*", WILD), Pattern("v")),),)), request("/?v=zz"), False),
        (Match(query=((QueryPair(Pattern("b")),),)), request("/?b"), True),
        (Match(sources=("10.0.0.0/8", "::1/128")), request(peer="10.1.2.3"), True),
        (Match(sources=("10.0.0.0/8",)), request(peer="11.1.2.3"), False),
        (Match(path=(Pattern("/x"),), methods=("POST",)), request("/x"), False),
    ],
)
def test_matches(match: Match, sent: RequestLine, expected: bool) -> None:
    assert is_match(match, sent) is expected


def test_the_first_route_that_fits_is_taken() -> None:
    chosen = choose_route(listener(Match(methods=("PUT",)), Match(), Match()), request())
    assert chosen is not None
    assert chosen.name == "1"
    assert choose_route(listener(Match(methods=("PUT",))), request()) is None
