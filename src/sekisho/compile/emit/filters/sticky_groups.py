"""Keeps a client on one of the target groups of a rule by cookie, where the rule asks for that."""

from collections.abc import Mapping

from envoy.extensions.filters.http.lua.v3.lua_pb2 import LuaPerRoute
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from google.protobuf.any_pb2 import Any
from google.protobuf.json_format import ParseDict

from sekisho.compile.emit.lua import lua_filter, read_lua
from sekisho.compile.emit.resources import enable
from sekisho.model.ir import Listener

GROUP_HEADER = "x-sekisho-group"
"""Holds what the group is chosen by; it leads nowhere else, as the prefix is the edge's own."""

_NAME = "sekisho.sticky_groups"
_SOURCE = read_lua("filters/sticky_groups.lua")


def emit_sticky_groups(_listener: Listener) -> HttpFilter:
    """Return the filter that reads and sets the cookie, on the routes that ask for it."""
    return lua_filter(_NAME, _SOURCE, disabled=True)


def enable_sticky_groups() -> Mapping[str, Any]:
    """Return the configuration of a route after which another one may be sticky."""
    return {_NAME: enable(LuaPerRoute())}


def emit_sticky_groups_route(seconds: int) -> Mapping[str, Any]:
    """Return the configuration of a route that keeps its clients on a group for so long."""
    return {_NAME: enable(ParseDict({"filter_context": {"seconds": seconds}}, LuaPerRoute()))}
