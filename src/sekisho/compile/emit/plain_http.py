"""Plain HTTP that arrives at a TLS listener: an answer that says so, as nginx gives it."""

from envoy.config.core.v3.base_pb2 import DataSource
from envoy.config.listener.v3.listener_components_pb2 import (
    Filter,
    FilterChain,
    FilterChainMatch,
    ListenerFilter,
)
from envoy.config.route.v3.route_components_pb2 import DirectResponseAction, Route, RouteMatch, VirtualHost
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.filters.http.router.v3.router_pb2 import Router
from envoy.extensions.filters.listener.tls_inspector.v3.tls_inspector_pb2 import TlsInspector
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    HttpConnectionManager,
    HttpFilter,
)

from sekisho.compile.emit.local_replies import emit_local_replies
from sekisho.compile.emit.pages import CONTENT_TYPE, plain_http_page
from sekisho.compile.emit.resources import pack, set_header
from sekisho.model.ir import Listener

TLS_MATCH = FilterChainMatch(transport_protocol="tls")
"""What the chain that terminates TLS matches, so that the other one takes the rest."""


def emit_tls_inspector() -> ListenerFilter:
    """Return the listener filter that tells TLS from anything else."""
    return ListenerFilter(name="envoy.filters.listener.tls_inspector", typed_config=pack(TlsInspector()))


def emit_plain_http_chain(listener: Listener) -> FilterChain:
    """Return the chain that answers 400 to whatever is not TLS."""
    answer = Route(
        match=RouteMatch(prefix=""),
        direct_response=DirectResponseAction(status=400, body=DataSource(inline_string=plain_http_page())),
        response_headers_to_add=[set_header("content-type", CONTENT_TYPE), set_header("connection", "close")],
    )
    table = RouteConfiguration(virtual_hosts=[VirtualHost(name="all", domains=["*"], routes=[answer])])
    router = HttpFilter(name="envoy.filters.http.router", typed_config=pack(Router()))
    manager = HttpConnectionManager(
        codec_type=HttpConnectionManager.HTTP1,
        stat_prefix="plain",
        route_config=table,
        http_filters=[router],
        local_reply_config=emit_local_replies(listener),
        server_header_transformation=HttpConnectionManager.PASS_THROUGH,
    )
    name = "envoy.filters.network.http_connection_manager"
    return FilterChain(name="plain", filters=[Filter(name=name, typed_config=pack(manager))])
