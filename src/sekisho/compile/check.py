"""Invariants of the intermediate representation: what breaks one of them is refused, on its own route.

What is checked here is what Envoy would otherwise refuse as a whole (a listener, or a route table with all its
routes), or what would let a request pass that nobody checked.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace

from sekisho.model.diagnostics import Diagnostic, Severity
from sekisho.model.ir import Edge, Forward, Listener, Refuse, Route

_CAUSES = {
    "action-missing": "it has no forward, redirect or fixed-response action",
    "action-unsupported": "one of its actions is of a kind that is not run here",
    "condition-unsupported": "one of its conditions is of a kind that is not run here",
    "guard-key-set-missing": "its guard names a key set that does not exist",
    "regex-unsupported": "one of its regular expressions is not in the supported syntax",
    "route-name-taken": "another rule has the same name",
    "target-group-missing": "it forwards to a target group that does not exist",
}
"""Code of a refused route -> what is wrong with it."""


def check_edge(edge: Edge) -> tuple[Edge, tuple[Diagnostic, ...]]:
    """Return the edge with every route that breaks an invariant refused, and a diagnostic for each.

    A listener that Envoy could not serve at all is left out, with a diagnostic.
    """
    findings: list[Diagnostic] = []
    upstreams = {upstream.name for upstream in edge.upstreams}
    key_sets = {key_set.name for key_set in edge.key_sets}
    listeners: list[Listener] = []
    taken = Counter((listener.address, listener.port) for listener in edge.listeners)
    for listener in edge.listeners:
        cause = _unservable(listener, taken[listener.address, listener.port])
        if cause is not None:
            findings.append(Diagnostic("listener-not-served", Severity.ERROR, listener.arn, cause))
            continue
        routes = tuple(_check_routes(listener.routes, upstreams, key_sets))
        findings.extend(_refused(route) for route in routes if isinstance(route.action, Refuse))
        listeners.append(replace(listener, routes=routes))
    return replace(edge, listeners=tuple(listeners)), tuple(findings)


def _unservable(listener: Listener, sharing_its_port: int) -> str | None:
    if listener.tls is not None and not listener.tls.certificates:
        return "The listener has no certificate to serve. Add a certificate to it."
    if sharing_its_port > 1:
        return f"Another listener has the same local port {listener.port}."
    return None


def _check_routes(
    routes: tuple[Route, ...], upstreams: Collection[str], key_sets: Collection[str]
) -> Iterator[Route]:
    seen: set[str] = set()
    for route in routes:
        code = _broken(route, seen, upstreams, key_sets)
        seen.add(route.name)
        yield route if code is None else replace(route, action=Refuse(code))


def _broken(
    route: Route, seen: Collection[str], upstreams: Collection[str], key_sets: Collection[str]
) -> str | None:
    """Return the code of the first invariant that a route breaks."""
    if route.name in seen:
        return "route-name-taken"
    if route.guard is not None and route.guard.key_set not in key_sets:
        return "guard-key-set-missing"
    if isinstance(route.action, Forward) and any(
        part.upstream not in upstreams for part in route.action.upstreams
    ):
        return "target-group-missing"
    return None


def _refused(route: Route) -> Diagnostic:
    code = route.action.code if isinstance(route.action, Refuse) else ""
    return Diagnostic(
        code,
        Severity.ERROR,
        route.arn,
        f"Requests for this rule get 500, because {_CAUSES.get(code, code)}.",
    )
