"""Match a path as ALB does, by its normalized form, and forward it as it came.

Only a path that holds a percent sign or a dot segment can differ from its normalized form. Such a request first
meets a route of its own, which turns on two Lua filters for it: one puts the normalized path in and chooses the
route again, the other puts the original back before the request leaves. A plain path costs one comparison.
"""

from envoy.config.route.v3.route_components_pb2 import DirectResponseAction, FilterConfig, Route, RouteMatch
from envoy.extensions.filters.http.lua.v3.lua_pb2 import Lua, LuaPerRoute
from envoy.type.matcher.v3.metadata_pb2 import MetadataMatcher
from envoy.type.matcher.v3.regex_pb2 import RegexMatcher
from envoy.type.matcher.v3.value_pb2 import ValueMatcher

from sekisho.compile.emit.lua import lua_config, read_lua
from sekisho.compile.emit.resources import pack

NORMALIZE = "sekisho.normalize"
"""The name of the filter that stands first; ``disabled`` in the listener."""

RESTORE = "sekisho.restore"
"""The name of the filter that stands right before the router; ``disabled`` in the listener."""

PATH_METADATA = "sekisho.path"
"""The namespace of the dynamic metadata that keeps the path as it came, under ``original``."""

_MAY_CHANGE = r".*(%|/\.).*"


def emit_normalize() -> Lua:
    """Return the filter that puts the normalized path in and has the route chosen again."""
    return lua_config(read_lua("filters/normalize.lua"))


def emit_restore() -> Lua:
    """Return the filter that puts the original path back."""
    return lua_config(read_lua("filters/restore.lua"))


def emit_normalize_route() -> Route:
    """Return the route that stands before all others of a virtual host.

    It fits a path that may change, once: what was normalized is marked in metadata, which no client can set.
    """
    unmarked = MetadataMatcher(
        filter=PATH_METADATA,
        path=[MetadataMatcher.PathSegment(key="original")],
        value=ValueMatcher(present_match=True),
        invert=True,
    )
    enable = pack(FilterConfig(config=pack(LuaPerRoute())))
    route = Route(
        name="normalize",
        match=RouteMatch(safe_regex=RegexMatcher(regex=_MAY_CHANGE), dynamic_metadata=[unmarked]),
        direct_response=DirectResponseAction(status=400),
    )
    for name in (NORMALIZE, RESTORE):
        route.typed_per_filter_config[name].CopyFrom(enable)
    return route
