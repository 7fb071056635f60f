"""The path that a rule is matched against, in Python and in Envoy; the target gets the path as it was sent."""

from collections.abc import Iterator

import pytest
from tests.conformance.lab import Connection, Guarded, raw_request, running_lab

from sekisho.compile.emit.filters.policy import emit_guard_route_config
from sekisho.model.ir import AlbGuard, KeySet, KeySetState
from sekisho.verify.uri import normalize_target

CASES = [
    ("/", "/"),
    ("/a", "/a"),
    ("/a/b/", "/a/b/"),
    ("/%61", "/a"),
    ("/%41%5A%7a%30%2D%2e%5f%7E", "/AZz0-._~"),
    ("/%2561", "/%2561"),
    ("/a%2Fb", "/a%2Fb"),
    ("/a%2fb", "/a%2fb"),
    ("/a%20b", "/a%20b"),
    ("/%E3%81%82", "/%E3%81%82"),
    ("/a%", "/a%"),
    ("/a%4", "/a%4"),
    ("/a%zz", "/a%zz"),
    ("/a%00", "/a%00"),
    ("/.", "/"),
    ("/..", "/"),
    ("/./a", "/a"),
    ("/a/.", "/a/"),
    ("/a/./b", "/a/b"),
    ("/a/..", "/"),
    ("/a/../b", "/b"),
    ("/a/b/../../c", "/c"),
    ("/../../a", "/a"),
    ("/a/b/..", "/a/"),
    ("/a/%2e%2e/b", "/b"),
    ("/a/%2E/b", "/a/b"),
    ("/a/.%2e/b", "/b"),
    ("/a/%252e%252e/b", "/a/%252e%252e/b"),
    ("/a/...", "/a/..."),
    ("/a/.b", "/a/.b"),
    ("/a/..b/c", "/a/..b/c"),
    ("/a//b", "/a//b"),
    ("//a", "//a"),
    ("/a//../b", "/a/b"),
    ("/a/;/../b", "/a/b"),
    ("/a/..;/b", "/a/..;/b"),
    ("/a/..\\b", "/a/..\\b"),
    ("/a%2f../b", "/a%2f../b"),
    ("/a%2f..%2fb", "/a%2f..%2fb"),
    ("/tenant-A/../tenant-B/", "/tenant-B/"),
    ("/tenant-A/%2e%2e/tenant-B/x", "/tenant-B/x"),
    ("/%74enant-B/", "/tenant-B/"),
    ("/a?x=%61/../b", "/a?x=%61/../b"),
    ("/%61?x=%61", "/a?x=%61"),
    ("/a/..?", "/?"),
]


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    paths = dict.fromkeys(expected.partition("?")[0].removeprefix("/") for _, expected in CASES)
    nobody, nothing = AlbGuard("nobody", "none"), KeySet("none", "", KeySetState.PENDING)
    open_routes = emit_guard_route_config(None, None)
    guards = [Guarded(path, nobody, nothing, configs=open_routes) for path in paths]
    with running_lab(tmp_path_factory.mktemp("uri"), guards) as lab, lab.connection() as connection:
        yield connection


@pytest.mark.semantics("URI-01", "URI-02")
@pytest.mark.parametrize(("target", "expected"), CASES)
def test_reference(target: str, expected: str) -> None:
    assert normalize_target(target) == expected


@pytest.mark.semantics("URI-01", "URI-02", "URI-03")
@pytest.mark.parametrize(("target", "expected"), CASES)
def test_edge(target: str, expected: str, edge: Connection) -> None:
    reply = edge.ask(raw_request(target, []))
    assert reply.status == 200
    assert reply.headers.get("x-route", "") == expected.partition("?")[0].removeprefix("/")
    arrived = dict(line.split("=", 1) for line in reply.body.decode().split("\n"))
    assert arrived[":path"] == target


@pytest.mark.semantics("URI-02")
def test_a_normalized_path_normalizes_to_itself() -> None:
    for _, expected in CASES:
        assert normalize_target(expected) == expected
