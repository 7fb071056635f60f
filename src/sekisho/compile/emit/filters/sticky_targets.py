"""Keeps a client on one target by cookie, where its target group asks for that.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
"""

from collections.abc import Mapping
from typing import Any as Json

from envoy.config.core.v3.base_pb2 import HeaderValueOption
from envoy.extensions.filters.http.lua.v3.lua_pb2 import LuaPerRoute
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from google.protobuf.any_pb2 import Any
from google.protobuf.json_format import ParseDict

from sekisho.compile.emit.lua import lua_filter, read_lua
from sekisho.compile.emit.resources import enable, set_header
from sekisho.model.ir import Listener, Upstream

_NAME = "sekisho.sticky_targets"
_SOURCE = read_lua("filters/sticky_targets.lua")
_TARGET_HEADER = "x-sekisho-target"


def emit_sticky_targets(_listener: Listener) -> HttpFilter:
    """Return the filter that reads and sets the cookie, on the routes that ask for it."""
    return lua_filter(_NAME, _SOURCE, disabled=True)


def enable_sticky_targets() -> Mapping[str, Any]:
    """Return the configuration of a route after which another one may be sticky."""
    return {_NAME: enable(LuaPerRoute())}


def emit_sticky_targets_route(upstream: Upstream) -> Mapping[str, Any]:
    """Return the configuration of a route to a sticky upstream, by the name of the filter."""
    context: dict[str, Json] = {"seconds": upstream.sticky_seconds}
    if upstream.sticky_cookie is not None:
        context["application"] = upstream.sticky_cookie
    return {_NAME: enable(ParseDict({"filter_context": context}, LuaPerRoute()))}


def target_header() -> HeaderValueOption:
    """Return what tells the filter which target has answered; such a route needs it."""
    return set_header(_TARGET_HEADER, "%UPSTREAM_HOST%")
