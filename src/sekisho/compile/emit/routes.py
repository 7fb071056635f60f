"""The rules of a listener as one virtual host, in order, for RDS."""

from collections.abc import Mapping

from envoy.config.core.v3.base_pb2 import DataSource
from envoy.config.route.v3.route_components_pb2 import (
    DirectResponseAction,
    RouteAction,
    VirtualHost,
    WeightedCluster,
)
from envoy.config.route.v3.route_components_pb2 import Route as EnvoyRoute
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from google.protobuf.wrappers_pb2 import UInt32Value

from sekisho.compile.emit.matches import emit_match
from sekisho.compile.emit.pages import CONTENT_TYPE, page
from sekisho.compile.emit.resources import duration, literal, set_header
from sekisho.model.ir import FixedResponse, Forward, KeySet, Listener, Redirect, Refuse, Route, Upstream


def emit_routes(
    listener: Listener, _upstreams: Mapping[str, Upstream], _key_sets: Mapping[str, KeySet]
) -> RouteConfiguration:
    """Return the route table of a listener; a request that fits no route gets 404 with no body."""
    return RouteConfiguration(
        name=listener.name,
        virtual_hosts=[
            VirtualHost(
                name="all", domains=["*"], routes=[_emit_route(route, listener) for route in listener.routes]
            )
        ],
    )


def _emit_route(route: Route, listener: Listener) -> EnvoyRoute:
    emitted = EnvoyRoute(name=route.name, match=emit_match(route.match))
    if route.guard is not None:
        _answer_page(emitted, 500)
        return emitted
    match route.action:
        case Forward():
            _forward(emitted, route.action, listener)
        case FixedResponse():
            _answer(emitted, route.action.status, route.action.body, route.action.content_type)
        case Redirect():
            _answer_page(emitted, 500)
        case Refuse():
            _answer_page(emitted, 500)
    return emitted


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
    _answer(emitted, status, page(status), CONTENT_TYPE)


def _answer(emitted: EnvoyRoute, status: int, body: str, content_type: str | None) -> None:
    answer = DirectResponseAction(status=status)
    if body:
        answer.body.CopyFrom(DataSource(inline_string=body))
    if content_type is not None:
        emitted.response_headers_to_add.append(set_header("content-type", literal(content_type)))
    emitted.direct_response.CopyFrom(answer)
