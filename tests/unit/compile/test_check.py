from dataclasses import replace

import pytest

from sekisho.compile.check import check_edge
from sekisho.model.ir import (
    AlbGuard,
    Edge,
    Endpoint,
    FixedResponse,
    Flavour,
    Forward,
    HeaderMatch,
    KeySet,
    KeySetState,
    Listener,
    Match,
    Pattern,
    PatternKind,
    Refuse,
    Rewrite,
    RewriteKind,
    Route,
    Upstream,
    WeightedUpstream,
)
from sekisho.model.ir_tls import Certificate, Tls

FORWARD = Forward((WeightedUpstream("app"),))
GOOD = Route("good", "arn:good", 0, Match(), FORWARD)
APP = Upstream("app", "arn:app", (Endpoint("127.0.0.1", 80),))
KEYS = KeySet("keys", "https://x", KeySetState.PENDING)
LISTENER = Listener("l", "arn:l", Flavour.ALB, 8080, 80, (GOOD,))
REGEX = (Pattern("(?=x)", PatternKind.REGEX),)


def edge(*routes: Route, **more: object) -> Edge:
    return Edge((replace(LISTENER, routes=routes, **more),), (APP,), (KEYS,))  # type: ignore[arg-type]


def test_a_sound_edge_is_left_alone() -> None:
    sound = edge(replace(GOOD, guard=AlbGuard("i", "keys")))
    assert check_edge(sound) == (sound, ())


@pytest.mark.parametrize(
    ("route", "code"),
    [
        (replace(GOOD, action=Forward((WeightedUpstream("ghost"),))), "target-group-missing"),
        (replace(GOOD, guard=AlbGuard("i", "ghost")), "guard-key-set-missing"),
        (replace(GOOD, action=FixedResponse(600)), "status-invalid"),
        (replace(GOOD, action=Refuse("action-missing")), "action-missing"),
        (replace(GOOD, match=Match(path=REGEX)), "regex-unsupported"),
        (replace(GOOD, match=Match(headers=(HeaderMatch("x", REGEX),))), "regex-unsupported"),
        (replace(GOOD, match=Match(headers=(HeaderMatch("a b", ()),))), "match-invalid"),
        (replace(GOOD, match=Match(sources=("10.0.0.0/99",))), "match-invalid"),
        (replace(GOOD, rewrites=(Rewrite(RewriteKind.URL, "(", ""),)), "regex-unsupported"),
        (replace(GOOD, rewrites=(Rewrite(RewriteKind.URL, "(a)", "$2"),)), "rewrite-unsupported"),
    ],
)
@pytest.mark.semantics("EDGE-02")
def test_a_broken_route_is_refused_and_keeps_its_guard(route: Route, code: str) -> None:
    checked, findings = check_edge(edge(route, replace(GOOD, name="other")))
    broken, other = checked.listeners[0].routes
    assert broken.action == Refuse(code)
    assert broken.guard == route.guard
    assert other.action == FORWARD
    assert [(finding.code, finding.arn) for finding in findings] == [(code, "arn:good")]
    assert "500" in findings[0].message
    assert code not in findings[0].message


def test_a_broken_match_is_widened_never_narrowed() -> None:
    match = Match(path=REGEX, methods=("GET",), host=(Pattern("a.test"),))
    checked, _ = check_edge(edge(replace(GOOD, match=match)))
    assert checked.listeners[0].routes[0].match == replace(match, path=())


def test_the_second_route_of_a_name_is_refused() -> None:
    checked, findings = check_edge(edge(GOOD, GOOD))
    assert [route.action for route in checked.listeners[0].routes] == [FORWARD, Refuse("route-name-taken")]
    assert [finding.code for finding in findings] == ["route-name-taken"]


def test_a_listener_without_a_certificate_is_left_out() -> None:
    checked, findings = check_edge(edge(GOOD, tls=Tls(())))
    assert checked.listeners == ()
    assert [finding.code for finding in findings] == ["listener-not-served"]
    kept, none = check_edge(edge(GOOD, tls=Tls((Certificate("c", (), "chain", "key"),))))
    assert (len(kept.listeners), none) == (1, ())


def test_listeners_never_share_a_port() -> None:
    checked, findings = check_edge(Edge((LISTENER, replace(LISTENER, name="m", arn="arn:m")), (APP,)))
    assert checked.listeners == ()
    assert [finding.arn for finding in findings] == ["arn:l", "arn:m"]


def test_a_target_that_is_no_address_is_left_out() -> None:
    bad = (Endpoint("example.com", 80), Endpoint("10.0.0.1", 0))
    checked, findings = check_edge(Edge(upstreams=(replace(APP, endpoints=(*bad, *APP.endpoints)),)))
    assert checked.upstreams == (APP,)
    assert [finding.code for finding in findings] == ["target-no-address"] * 2
