"""What a route does once a request may pass."""

from collections.abc import Mapping

from envoy.config.core.v3.base_pb2 import DataSource
from envoy.config.route.v3.route_components_pb2 import DirectResponseAction, RouteAction, WeightedCluster
from envoy.config.route.v3.route_components_pb2 import Route as EnvoyRoute
from google.protobuf.any_pb2 import Any
from google.protobuf.wrappers_pb2 import BoolValue, UInt32Value

from sekisho.compile.emit.filters.client_protocol import emit_client_protocol_route
from sekisho.compile.emit.filters.redirect import emit_redirect_route
from sekisho.compile.emit.filters.rewrite import emit_rewrite_route
from sekisho.compile.emit.filters.sticky_groups import GROUP_HEADER, emit_sticky_groups_route
from sekisho.compile.emit.filters.sticky_targets import (
    emit_sticky_targets_route,
    enable_sticky_targets,
    target_header,
)
from sekisho.compile.emit.forwarding import response_headers
from sekisho.compile.emit.pages import CONTENT_TYPE, page
from sekisho.compile.emit.resources import duration, literal, set_header
from sekisho.model.ir import (
    Action,
    FixedResponse,
    Forward,
    Listener,
    Protocol,
    Redirect,
    Refuse,
    Rewrite,
    Upstream,
)


def set_configs(emitted: EnvoyRoute | WeightedCluster.ClusterWeight, configs: Mapping[str, Any]) -> None:
    """Set the configuration that filters have on a route, by their names."""
    for name, config in configs.items():
        emitted.typed_per_filter_config[name].CopyFrom(config)


def set_page(emitted: EnvoyRoute, status: int) -> None:
    """Let a route answer with one of the load balancer's pages."""
    _answer(emitted, FixedResponse(status, CONTENT_TYPE, page(status)))


def set_action(
    emitted: EnvoyRoute,
    action: Action,
    rewrites: tuple[Rewrite, ...],
    listener: Listener,
    upstreams: Mapping[str, Upstream],
) -> None:
    """Let a route do what the action says."""
    match action:
        case Forward():
            _forward(emitted, action, listener, upstreams)
            if rewrites:
                set_configs(emitted, emit_rewrite_route(rewrites))
        case FixedResponse():
            _answer(emitted, action)
            emitted.response_headers_to_add.extend(response_headers(listener.options))
        case Redirect():
            # The filter answers before this does.
            set_page(emitted, 500)
            set_configs(emitted, emit_redirect_route(action, listener))
        case Refuse():
            set_page(emitted, 500)


def _forward(
    emitted: EnvoyRoute, forward: Forward, listener: Listener, upstreams: Mapping[str, Upstream]
) -> None:
    live = [part for part in forward.upstreams if part.weight > 0]
    if not live:
        # EDGE-03: nothing else is there to take the traffic.
        set_page(emitted, 503)
        return
    action = RouteAction(
        timeout=duration(0),
        idle_timeout=duration(listener.options.idle_timeout),
        cluster_not_found_response_code=RouteAction.SERVICE_UNAVAILABLE,
    )
    if len(live) == 1:
        action.cluster = live[0].upstream
        _keep_on_one_target(emitted, upstreams[live[0].upstream])
    else:
        if any(upstreams[part.upstream].sticky_seconds is not None for part in live):
            # Which of them it is may change after the filters have been chosen: by a cookie for a group.
            set_configs(emitted, enable_sticky_targets())
        for part in live:
            action.weighted_clusters.clusters.append(_weighted(upstreams[part.upstream], part.weight))
        if forward.sticky_seconds is not None:
            _keep_on_one_group(emitted, action, forward.sticky_seconds)
    emitted.route.CopyFrom(action)
    emitted.response_headers_to_add.extend(response_headers(listener.options))
    if not listener.options.server_header and any(upstreams[part.upstream].bridge for part in live):
        emitted.response_headers_to_remove.append("server")
    if any(upstreams[part.upstream].protocol is Protocol.HTTP2 for part in live):
        set_configs(emitted, emit_client_protocol_route())


def _weighted(upstream: Upstream, weight: int) -> WeightedCluster.ClusterWeight:
    cluster = WeightedCluster.ClusterWeight(name=upstream.name, weight=UInt32Value(value=weight))
    _keep_on_one_target(cluster, upstream)
    return cluster


def _keep_on_one_target(emitted: EnvoyRoute | WeightedCluster.ClusterWeight, upstream: Upstream) -> None:
    if upstream.sticky_seconds is not None:
        set_configs(emitted, emit_sticky_targets_route(upstream))
        emitted.response_headers_to_add.append(target_header())


def _keep_on_one_group(emitted: EnvoyRoute, action: RouteAction, seconds: int) -> None:
    header = RouteAction.HashPolicy.Header(header_name=GROUP_HEADER)
    action.hash_policy.append(RouteAction.HashPolicy(header=header))
    action.weighted_clusters.use_hash_policy.CopyFrom(BoolValue(value=True))
    emitted.request_headers_to_remove.append(GROUP_HEADER)
    set_configs(emitted, emit_sticky_groups_route(seconds))


def _answer(emitted: EnvoyRoute, fixed: FixedResponse) -> None:
    answer = DirectResponseAction(status=fixed.status)
    if fixed.body:
        answer.body.CopyFrom(DataSource(inline_string=fixed.body))
    if fixed.content_type is not None:
        emitted.response_headers_to_add.append(set_header("content-type", literal(fixed.content_type)))
    emitted.direct_response.CopyFrom(answer)
