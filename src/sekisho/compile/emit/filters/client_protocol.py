"""Refuses a request whose protocol the target group of its route does not speak."""

from collections.abc import Mapping

from envoy.extensions.filters.http.lua.v3.lua_pb2 import LuaPerRoute
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from google.protobuf.any_pb2 import Any
from google.protobuf.json_format import ParseDict

from sekisho.compile.emit.lua import lua_filter, pages, read_lua
from sekisho.compile.emit.resources import enable
from sekisho.model.ir import Listener

_NAME = "sekisho.client_protocol"
_SOURCE = read_lua("filters/client_protocol.lua")


def emit_client_protocol(_listener: Listener) -> HttpFilter:
    """Return the filter that answers 464, on the routes that ask for HTTP/2."""
    return lua_filter(_NAME, _SOURCE, disabled=True, PAGES=pages(464))


def enable_client_protocol() -> Mapping[str, Any]:
    """Return the configuration of a route after which another one may ask for HTTP/2."""
    return {_NAME: enable(LuaPerRoute())}


def emit_client_protocol_route() -> Mapping[str, Any]:
    """Return the configuration of a route that takes HTTP/2 only."""
    return {_NAME: enable(ParseDict({"filter_context": {"http2": True}}, LuaPerRoute()))}
