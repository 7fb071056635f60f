"""The HTTP filters of a listener, in the order in which they see a request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from envoy.config.core.v3.config_source_pb2 import ExtensionConfigSource
from envoy.config.core.v3.extension_pb2 import TypedExtensionConfig
from envoy.extensions.filters.http.router.v3.router_pb2 import Router
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BoolValue

from sekisho.compile.emit.filters.alb_request import emit_alb_request
from sekisho.compile.emit.filters.client_protocol import emit_client_protocol
from sekisho.compile.emit.filters.grpc_answers import emit_grpc_answers
from sekisho.compile.emit.filters.jwt_authn import JWT_AUTHN, emit_jwt_authn
from sekisho.compile.emit.filters.normalize import NORMALIZE, RESTORE, emit_normalize, emit_restore
from sekisho.compile.emit.filters.policy import POLICY, emit_policy
from sekisho.compile.emit.filters.redirect import emit_redirect
from sekisho.compile.emit.filters.rewrite import emit_rewrite, emit_rewrite_values
from sekisho.compile.emit.filters.sticky_groups import emit_sticky_groups
from sekisho.compile.emit.filters.sticky_targets import emit_sticky_targets
from sekisho.compile.emit.resources import ADS, pack
from sekisho.model.ir import Edge, Listener

_EXTENSIONS: Mapping[str, Callable[[Edge], Message]] = {
    JWT_AUTHN: emit_jwt_authn,
    POLICY: lambda edge: emit_policy(edge.probe),
}
"""The filters whose configuration arrives over ECDS: a change reaches open connections and drains none."""


@dataclass(frozen=True, slots=True)
class FilterEntry:
    """One row of :data:`FILTERS`: what emits the filter of a listener, and why it stands where it stands."""

    emit: Callable[[Listener], HttpFilter]
    reason: str


def inline(name: str, config: Callable[[], Message]) -> Callable[[Listener], HttpFilter]:
    """Return an emitter of a filter that runs only on the routes that turn it on."""
    return lambda _listener: HttpFilter(name=name, typed_config=pack(config()), disabled=True)


def discovered(name: str) -> Callable[[Listener], HttpFilter]:
    """Return an emitter of a filter whose configuration arrives over ECDS; until it does, nothing is served."""
    url = pack(_EXTENSIONS[name](Edge())).type_url
    source = ExtensionConfigSource(config_source=ADS, type_urls=[url])
    return lambda _listener: HttpFilter(name=name, config_discovery=source)


def router(_listener: Listener) -> HttpFilter:
    """Return the router, which carries out the action of a route."""
    config = Router(dynamic_stats=BoolValue(value=False), suppress_envoy_headers=True)
    return HttpFilter(name="envoy.filters.http.router", typed_config=pack(config))


FILTERS: tuple[FilterEntry, ...] = (
    FilterEntry(emit_grpc_answers, "has the route chosen again; sees every answer last"),
    FilterEntry(
        inline(NORMALIZE, emit_normalize), "chooses the route again, so nothing may act on it before"
    ),
    FilterEntry(
        emit_alb_request, "refuses what is too long before anything is spent on it; names every request"
    ),
    FilterEntry(emit_sticky_groups, "chooses the route again, so it stands before what decides on a route"),
    FilterEntry(discovered(JWT_AUTHN), "verifies the signatures that the policy asks about"),
    FilterEntry(discovered(POLICY), "decides; nothing that answers or changes a request may come before"),
    FilterEntry(inline(RESTORE, emit_restore), "redirects and rewrites see the path as the client wrote it"),
    FilterEntry(emit_redirect, "answers; only to who may pass"),
    FilterEntry(emit_client_protocol, "answers; only to who may pass"),
    FilterEntry(emit_rewrite_values, "computes what the next one puts in force"),
    FilterEntry(emit_rewrite, "changes what is forwarded, after everything that looks at the request"),
    FilterEntry(
        emit_sticky_targets, "looks at cookies only; the router after it takes the target that it names"
    ),
    FilterEntry(router, "carries out the route's action, so it is the last one"),
)
"""The order is the filter order."""


def emit_filters(listener: Listener) -> list[HttpFilter]:
    """Return the filters of a listener, in order."""
    return [entry.emit(listener) for entry in FILTERS]


def emit_extensions(edge: Edge) -> Mapping[str, Message]:
    """Return the filter configurations that arrive over ECDS, by their names."""
    return {
        name: TypedExtensionConfig(name=name, typed_config=pack(emit(edge)))
        for name, emit in _EXTENSIONS.items()
    }
