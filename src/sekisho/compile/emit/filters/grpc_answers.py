"""Gives requests of gRPC's content type the answers that a load balancer gives them.

Envoy's own conversion cannot be turned off:
https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/other_protocols/grpc
"""

from envoy.config.core.v3.base_pb2 import HeaderValueOption
from envoy.config.route.v3.route_components_pb2 import DirectResponseAction, HeaderMatcher, Route, RouteMatch
from envoy.extensions.filters.http.lua.v3.lua_pb2 import LuaPerRoute
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from envoy.type.matcher.v3.metadata_pb2 import MetadataMatcher
from envoy.type.matcher.v3.string_pb2 import StringMatcher
from envoy.type.matcher.v3.value_pb2 import ValueMatcher

from sekisho.compile.emit.lua import lua_filter, read_lua
from sekisho.compile.emit.resources import enable, set_header
from sekisho.model.ir import Listener

_NAME = "sekisho.grpc_answers"
_SOURCE = read_lua("filters/grpc_answers.lua")
_METADATA = "sekisho.grpc"
_TYPE = "application/grpc"
_HAS_PASSED = f"'{_METADATA}' in metadata.filter_metadata"


def emit_grpc_answers(_listener: Listener) -> HttpFilter:
    """Return the filter, which runs after a request's first route was the one for gRPC."""
    return lua_filter(_NAME, _SOURCE, disabled=True)


def emit_grpc_route() -> Route:
    """Return the route that stands before all others of a virtual host.

    It fits a request of gRPC's content type, once: what it has taken is marked in metadata, which no client can set.
    """
    unmarked = MetadataMatcher(
        filter=_METADATA,
        path=[MetadataMatcher.PathSegment(key="seen")],
        value=ValueMatcher(present_match=True),
        invert=True,
    )
    is_grpc = HeaderMatcher(name="content-type", string_match=StringMatcher(prefix=_TYPE))
    route = Route(
        name="grpc",
        match=RouteMatch(prefix="", headers=[is_grpc], dynamic_metadata=[unmarked]),
        direct_response=DirectResponseAction(status=400),
    )
    route.typed_per_filter_config[_NAME].CopyFrom(enable(LuaPerRoute()))
    return route


def answer_headers(status: int | None, content_type: str | None) -> list[HeaderValueOption]:
    """Return what tells the filter an answer's status and type before Envoy changes them; None is what it has.

    It is set on the edge's own answers to requests that have passed the filter, which takes it away again.
    """
    code = "response.code" if status is None else f"'{status}'"
    kind = f"'{content_type}'"
    if content_type is None:
        kind = "'content-type' in response.headers ? response.headers['content-type'] : ''"
    return [
        set_header("x-sekisho-status", f"%CEL({_HAS_PASSED} ? {code} : '')%"),
        set_header("x-sekisho-type", f"%CEL({_HAS_PASSED} ? ({kind}) : '')%"),
    ]
