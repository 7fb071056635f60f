"""The rules of a listener as one virtual host, in order, for RDS."""

from collections.abc import Mapping

from envoy.config.route.v3.route_components_pb2 import HeaderMatcher, RouteMatch, VirtualHost
from envoy.config.route.v3.route_components_pb2 import Route as EnvoyRoute
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.type.matcher.v3.string_pb2 import StringMatcher
from google.protobuf.any_pb2 import Any

from sekisho.compile.emit.actions import set_action, set_configs, set_page
from sekisho.compile.emit.filters.client_protocol import enable_client_protocol
from sekisho.compile.emit.filters.grpc_answers import emit_grpc_route
from sekisho.compile.emit.filters.normalize import emit_normalize_route
from sekisho.compile.emit.filters.policy import emit_guard_route_config
from sekisho.compile.emit.filters.redirect import enable_redirect
from sekisho.compile.emit.filters.rewrite import enable_rewrite
from sekisho.compile.emit.filters.sticky_groups import enable_sticky_groups
from sekisho.compile.emit.filters.sticky_targets import enable_sticky_targets
from sekisho.compile.emit.forwarding import add_forwarding_headers
from sekisho.compile.emit.matches import emit_match
from sekisho.compile.emit.patterns import regex_matcher
from sekisho.model.choices import DEFAULT_CHOICES, Choices
from sekisho.model.ir import KeySet, Listener, Route, Upstream

# "... contains more than 30 IP addresses": HTTP 463 on
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
_TOO_MANY_ADDRESSES = r"(?:[^,]*,){30,}\C*"

_LATER = (
    enable_sticky_groups,
    enable_redirect,
    enable_client_protocol,
    enable_rewrite,
    enable_sticky_targets,
)


def emit_routes(
    listener: Listener,
    upstreams: Mapping[str, Upstream],
    key_sets: Mapping[str, KeySet],
    choices: Choices = DEFAULT_CHOICES,
) -> RouteConfiguration:
    """Return the route table of a listener."""
    routes = [_grpc_route(), *_refusals(), _normalize_route()]
    for route in listener.routes:
        emitted = EnvoyRoute(name=route.name, match=emit_match(route.match))
        set_configs(emitted, _guard(route, key_sets, choices))
        set_action(emitted, route.action, route.rewrites, listener, upstreams)
        routes.append(emitted)
    host = VirtualHost(name="all", domains=["*"], routes=routes)
    table = RouteConfiguration(name=listener.name, virtual_hosts=[host])
    add_forwarding_headers(table, listener)
    return table


def _refusals() -> list[EnvoyRoute]:
    """Return the routes of what a load balancer answers before it looks at any rule."""
    trace = HeaderMatcher(name=":method", string_match=StringMatcher(exact="TRACE"))
    addresses = HeaderMatcher(
        name="x-forwarded-for", string_match=StringMatcher(safe_regex=regex_matcher(_TOO_MANY_ADDRESSES))
    )
    cases = (
        ("connect", RouteMatch(connect_matcher=RouteMatch.ConnectMatcher()), 400),
        ("trace", RouteMatch(prefix="", headers=[trace]), 405),
        ("forwarded-for", RouteMatch(prefix="", headers=[addresses]), 463),
    )
    routes = []
    for name, match, status in cases:
        route = EnvoyRoute(name=name, match=match)
        set_page(route, status)
        set_configs(route, emit_guard_route_config(None, None))
        routes.append(route)
    return routes


def _grpc_route() -> EnvoyRoute:
    """Return the route of a request of gRPC's content type; the one that is chosen next may ask for any filter."""
    route = emit_grpc_route()
    set_configs(route, dict(_normalize_route().typed_per_filter_config))
    return route


def _normalize_route() -> EnvoyRoute:
    """Return the route of a path to normalize.

    A filter that it leaves out is not there for the route that is chosen next, whatever that one asks for.
    """
    route = emit_normalize_route()
    for configs in _LATER:
        set_configs(route, configs())
    return route


def _guard(route: Route, key_sets: Mapping[str, KeySet], choices: Choices) -> Mapping[str, Any]:
    key_set = None if route.guard is None else key_sets.get(route.guard.key_set)
    return emit_guard_route_config(route.guard, key_set, choices)
