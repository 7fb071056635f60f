"""The rules of a listener as one virtual host, in order, for RDS."""

from collections.abc import Mapping

from envoy.config.core.v3.base_pb2 import DataSource
from envoy.config.route.v3.route_components_pb2 import (
    DirectResponseAction,
    HeaderMatcher,
    RouteAction,
    RouteMatch,
    VirtualHost,
    WeightedCluster,
)
from envoy.config.route.v3.route_components_pb2 import Route as EnvoyRoute
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.type.matcher.v3.string_pb2 import StringMatcher
from google.protobuf.any_pb2 import Any
from google.protobuf.wrappers_pb2 import UInt32Value

from sekisho.compile.emit.filters.normalize import emit_normalize_route
from sekisho.compile.emit.filters.policy import emit_guard_route_config
from sekisho.compile.emit.filters.redirect import NAME as REDIRECT
from sekisho.compile.emit.filters.redirect import emit_redirect_route, enable_redirect
from sekisho.compile.emit.filters.rewrite import emit_rewrite_route, enable_rewrite
from sekisho.compile.emit.forwarding import add_forwarding_headers, response_headers
from sekisho.compile.emit.matches import emit_match
from sekisho.compile.emit.pages import CONTENT_TYPE, page
from sekisho.compile.emit.patterns import regex_matcher
from sekisho.compile.emit.resources import duration, literal, set_header
from sekisho.model.ir import (
    FixedResponse,
    Forward,
    KeySet,
    Listener,
    Redirect,
    Refuse,
    Route,
)

# "... contains more than 30 IP addresses": HTTP 463 on
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
_TOO_MANY_ADDRESSES = r"(?:[^,]*,){30,}\C*"


def emit_routes(listener: Listener, key_sets: Mapping[str, KeySet]) -> RouteConfiguration:
    """Return the route table of a listener."""
    # A filter that this first route leaves out is not there for the route that is chosen after it.
    normalize = emit_normalize_route()
    _set_configs(normalize, {**enable_redirect(), **enable_rewrite()})
    routes = [*_refusals(), normalize]
    routes += [_emit_route(route, listener, key_sets) for route in listener.routes]
    table = RouteConfiguration(
        name=listener.name, virtual_hosts=[VirtualHost(name="all", domains=["*"], routes=routes)]
    )
    add_forwarding_headers(table, listener)
    return table


def _refusals() -> list[EnvoyRoute]:
    """Return the routes of what a load balancer answers before it looks at any rule."""
    trace = HeaderMatcher(name=":method", string_match=StringMatcher(exact="TRACE"))
    addresses = HeaderMatcher(
        name="x-forwarded-for", string_match=StringMatcher(safe_regex=regex_matcher(_TOO_MANY_ADDRESSES))
    )
    cases = (
        ("trace", RouteMatch(prefix="", headers=[trace]), 405),
        ("forwarded-for", RouteMatch(prefix="", headers=[addresses]), 463),
    )
    routes = []
    for name, match, status in cases:
        route = EnvoyRoute(name=name, match=match)
        _answer_page(route, status)
        _set_configs(route, emit_guard_route_config(None, None))
        routes.append(route)
    return routes


def _emit_route(route: Route, listener: Listener, key_sets: Mapping[str, KeySet]) -> EnvoyRoute:
    emitted = EnvoyRoute(name=route.name, match=emit_match(route.match))
    key_set = None if route.guard is None else key_sets.get(route.guard.key_set)
    _set_configs(emitted, emit_guard_route_config(route.guard, key_set))
    match route.action:
        case Forward():
            _forward(emitted, route.action, listener)
            emitted.response_headers_to_add.extend(response_headers(listener.options))
            if route.rewrites:
                _set_configs(emitted, emit_rewrite_route(route.rewrites))
        case FixedResponse():
            _answer(emitted, route.action)
            emitted.response_headers_to_add.extend(response_headers(listener.options))
        case Redirect():
            # The filter answers before this does.
            _answer_page(emitted, 500)
            _set_configs(emitted, {REDIRECT: emit_redirect_route(route.action, listener)})
        case Refuse():
            _answer_page(emitted, 500)
    return emitted


def _set_configs(emitted: EnvoyRoute, configs: Mapping[str, Any]) -> None:
    for name, config in configs.items():
        emitted.typed_per_filter_config[name].CopyFrom(config)


def _forward(emitted: EnvoyRoute, forward: Forward, listener: Listener) -> None:
    live = [upstream for upstream in forward.upstreams if upstream.weight > 0]
    if not live:
        # A target group of weight 0 gets no traffic, and nothing else is there to take it.
        _answer_page(emitted, 503)
        return
    action = RouteAction(
        timeout=duration(0),
        idle_timeout=duration(listener.options.idle_timeout),
        cluster_not_found_response_code=RouteAction.SERVICE_UNAVAILABLE,
    )
    if len(live) == 1:
        action.cluster = live[0].upstream
    else:
        clusters = [
            WeightedCluster.ClusterWeight(name=part.upstream, weight=UInt32Value(value=part.weight))
            for part in live
        ]
        action.weighted_clusters.CopyFrom(WeightedCluster(clusters=clusters))
    emitted.route.CopyFrom(action)


def _answer_page(emitted: EnvoyRoute, status: int) -> None:
    _answer(emitted, FixedResponse(status, CONTENT_TYPE, page(status)))


def _answer(emitted: EnvoyRoute, fixed: FixedResponse) -> None:
    answer = DirectResponseAction(status=fixed.status)
    if fixed.body:
        answer.body.CopyFrom(DataSource(inline_string=fixed.body))
    if fixed.content_type is not None:
        emitted.response_headers_to_add.append(set_header("content-type", literal(fixed.content_type)))
    emitted.direct_response.CopyFrom(answer)
