"""Invariants of the intermediate representation: what breaks one of them is refused, on its own route.

What is checked here is what Envoy would otherwise refuse as a whole (a listener, or a route table with all its
routes), or what would let a request pass that nobody checked.
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from sekisho.kernel.re2 import Regex, RegexError, parse_regex
from sekisho.model.diagnostics import Diagnostic, Severity
from sekisho.model.ir import (
    Edge,
    Endpoint,
    FixedResponse,
    Forward,
    Listener,
    Match,
    Pattern,
    PatternKind,
    Refuse,
    Rewrite,
    Route,
    Upstream,
)
from sekisho.model.ir_http_api import Invoke, Proxy

_CAUSES = {
    "action-missing": "it has no forward, redirect or fixed-response action",
    "authorizer-missing": "it names an authorizer that does not exist",
    "action-unsupported": "one of its actions is of a kind that is not run here",
    "condition-unsupported": "one of its conditions is of a kind that is not run here",
    "integration-missing": "it has no integration",
    "integration-uri-invalid": "the URI of its integration is no URL, or names a path variable that its path has not",
    "guard-key-set-missing": "its guard names a key set that does not exist",
    "match-invalid": "one of its conditions holds a header name or an address block that is none",
    "private-integration-unsupported": "its integration leads to a listener or service that does not run here",
    "regex-unsupported": "one of its regular expressions is not in the supported syntax",
    "rewrite-unsupported": "a transform replaces with a group that its regular expression does not have",
    "route-name-taken": "another rule has the same name",
    "stage-variable-missing": "the URI of its integration names a variable that the stage has not",
    "status-invalid": "its fixed response has no valid status code",
    "target-group-missing": "it forwards to a target group that does not exist",
}
"""Code of a refused route -> what is wrong with it."""

_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+")
_GROUP = re.compile(r"\$(?:([0-9])|\{([0-9])\})")


def check_edge(edge: Edge) -> tuple[Edge, tuple[Diagnostic, ...]]:
    """Return the edge with every route that breaks an invariant refused, and a diagnostic for each.

    A listener that Envoy could not serve at all is left out, with a diagnostic; so is an endpoint.
    """
    findings: list[Diagnostic] = []
    upstreams = tuple(_check_upstream(upstream, findings) for upstream in edge.upstreams)
    names = {upstream.name for upstream in upstreams}
    key_sets = {key_set.name for key_set in edge.key_sets}
    listeners: list[Listener] = []
    taken = Counter((listener.address, listener.port) for listener in edge.listeners)
    for listener in edge.listeners:
        cause = _unservable(listener, taken[listener.address, listener.port])
        if cause is not None:
            findings.append(Diagnostic("listener-not-served", Severity.ERROR, listener.arn, cause))
            continue
        routes = tuple(_check_routes(listener.routes, names, key_sets))
        findings.extend(_refused(route) for route in routes if isinstance(route.action, Refuse))
        listeners.append(replace(listener, routes=routes))
    return replace(edge, listeners=tuple(listeners), upstreams=upstreams), tuple(findings)


def _unservable(listener: Listener, sharing_its_port: int) -> str | None:
    if listener.tls is not None and not listener.tls.certificates:
        return "The listener has no certificate to serve. Add a certificate to it."
    if sharing_its_port > 1:
        return f"Another listener has the same local port {listener.port}."
    return None


def _check_upstream(upstream: Upstream, findings: list[Diagnostic]) -> Upstream:
    served = tuple(endpoint for endpoint in upstream.endpoints if _is_address(endpoint))
    for endpoint in upstream.endpoints:
        if endpoint in served:
            continue
        where = f"{endpoint.address}:{endpoint.port}"
        message = f"The target at {where} gets no traffic: that is not an IP address and port."
        findings.append(Diagnostic("target-no-address", Severity.WARNING, upstream.arn, message))
    return replace(upstream, endpoints=served)


def _is_address(endpoint: Endpoint) -> bool:
    try:
        ipaddress.ip_address(endpoint.address)
    except ValueError:
        return False
    return 0 < endpoint.port < 65536


def _check_routes(routes: tuple[Route, ...], upstreams: set[str], key_sets: set[str]) -> Iterator[Route]:
    seen: set[str] = set()
    for route in routes:
        match, unreadable = _readable(route.match)
        code = unreadable or _broken(route, seen, upstreams, key_sets)
        seen.add(route.name)
        # EDGE-02
        yield route if code is None else replace(route, match=match, action=Refuse(code), rewrites=())


def _readable(match: Match) -> tuple[Match, str | None]:
    """Return a match without the parts that nobody can evaluate, and the code of what is wrong with them.

    It fits at least what the match was meant for, so that the refusal meets all of that.
    """
    headers = tuple(header for header in match.headers if _are_readable(header.patterns))
    readable = replace(
        match,
        path=match.path if _are_readable(match.path) else (),
        host=match.host if _are_readable(match.host) else (),
        headers=tuple(header for header in headers if _HEADER_NAME.fullmatch(header.name)),
        sources=match.sources if all(map(_is_network, match.sources)) else (),
    )
    if readable == match:
        return match, None
    unnamed = len(readable.headers) < len(headers) or readable.sources != match.sources
    return readable, "match-invalid" if unnamed else "regex-unsupported"


def _broken(route: Route, seen: Collection[str], upstreams: set[str], key_sets: set[str]) -> str | None:
    """Return the code of the first invariant that a route breaks."""
    action = route.action
    if route.name in seen:
        return "route-name-taken"
    if route.guard is not None and route.guard.key_set not in key_sets:
        return "guard-key-set-missing"
    if isinstance(action, Forward) and not upstreams >= {part.upstream for part in action.upstreams}:
        return "target-group-missing"
    if isinstance(action, Invoke | Proxy) and action.upstream not in upstreams:
        return "target-group-missing"
    if isinstance(action, FixedResponse) and not 200 <= action.status < 600:
        return "status-invalid"
    return next((code for code in map(_broken_rewrite, route.rewrites) if code is not None), None)


def _broken_rewrite(rewrite: Rewrite) -> str | None:
    regex = _parsed(rewrite.regex)
    if regex is None:
        return "regex-unsupported"
    named = [int(digit or braced) for digit, braced in _GROUP.findall(rewrite.replace)]
    return "rewrite-unsupported" if max(named, default=0) > regex.groups else None


def _are_readable(patterns: Iterable[Pattern]) -> bool:
    return all(
        pattern.kind is not PatternKind.REGEX or _parsed(pattern.text) is not None for pattern in patterns
    )


def _parsed(regex: str) -> Regex | None:
    try:
        return parse_regex(regex)
    except RegexError:
        return None


def _is_network(source: str) -> bool:
    try:
        ipaddress.ip_network(source, strict=False)
    except ValueError:
        return False
    return True


def _refused(route: Route) -> Diagnostic:
    code = route.action.code if isinstance(route.action, Refuse) else ""
    return Diagnostic(
        code,
        Severity.ERROR,
        route.arn,
        f"Requests for this rule get 500, because {_CAUSES.get(code, code)}.",
    )
