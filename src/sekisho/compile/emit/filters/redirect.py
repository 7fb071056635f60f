"""The redirect action: placeholders are filled in by a script on the routes that redirect."""

import re
from collections.abc import Mapping
from typing import TypedDict

from envoy.extensions.filters.http.lua.v3.lua_pb2 import LuaPerRoute
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from google.protobuf.any_pb2 import Any
from google.protobuf.json_format import ParseDict

from sekisho.compile.emit.lua import lua_filter, pages, read_lua
from sekisho.compile.emit.resources import enable
from sekisho.model.ir import Listener, Redirect

_NAME = "sekisho.redirect"

_SOURCE = read_lua("filters/redirect.lua")
_PLACEHOLDER = re.compile(r"#\{(protocol|host|port|path|query)\}")


class _Part(TypedDict, total=False):
    """A piece of a redirect: literal text, or the name of a placeholder."""

    text: str
    placeholder: str


def emit_redirect(_listener: Listener) -> HttpFilter:
    """Return the filter that answers on the routes that redirect."""
    return lua_filter(_NAME, _SOURCE, disabled=True, PAGES=pages(301, 302, 507))


def enable_redirect() -> Mapping[str, Any]:
    """Return the configuration of a route after which another one may redirect."""
    return {_NAME: enable(LuaPerRoute())}


def emit_redirect_route(redirect: Redirect, listener: Listener) -> Mapping[str, Any]:
    """Return the configuration of a route that redirects, by the name of the filter."""
    context = {
        "status": str(redirect.status),
        "own_protocol": "http" if listener.tls is None else "https",
        "own_port": str(listener.public_port),
        **{name: _parts(getattr(redirect, name)) for name in ("protocol", "host", "port", "path", "query")},
    }
    return {_NAME: enable(ParseDict({"filter_context": context}, LuaPerRoute()))}


def _parts(text: str) -> list[_Part]:
    """Split a part of a redirect at its placeholders."""
    pieces = _PLACEHOLDER.split(text)
    parts: list[_Part] = []
    for index, piece in enumerate(pieces):
        if index % 2:
            parts.append({"placeholder": piece})
        elif piece:
            parts.append({"text": piece})
    return parts
