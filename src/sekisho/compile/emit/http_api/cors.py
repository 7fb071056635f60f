"""CORS: preflights that the gateway answers, and the headers of all other responses."""

from collections.abc import Mapping
from typing import Any

from envoy.extensions.filters.http.lua.v3.lua_pb2 import LuaPerRoute
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.json_format import ParseDict

from sekisho.compile.emit.lua import lua_filter, read_lua
from sekisho.compile.emit.resources import enable
from sekisho.model.ir import Listener
from sekisho.model.ir_http_api import Cors

_NAME = "sekisho.cors"
_SOURCE = read_lua("http_api/cors.lua")


def emit_cors(_listener: Listener) -> HttpFilter:
    """Return the filter, which runs on the routes that turn it on."""
    return lua_filter(_NAME, _SOURCE, disabled=True)


def emit_cors_route(cors: Cors | None) -> Mapping[str, AnyMessage]:
    """Return the configuration of a route; without CORS one after which another route may have it."""
    context: dict[str, Any] = {} if cors is None else {"cors": _context(cors)}
    return {_NAME: enable(ParseDict({"filter_context": context}, LuaPerRoute()))}


def _context(cors: Cors) -> dict[str, Any]:
    texts = {
        "methods": ",".join(cors.methods),
        "headers": ",".join(cors.headers),
        "exposed": ",".join(cors.exposed),
        "max_age": "" if cors.max_age is None or cors.max_age < 0 else str(cors.max_age),
    }
    context: dict[str, Any] = {name: text for name, text in texts.items() if text}
    return {**context, "origins": list(cors.origins), "credentials": cors.credentials}
