"""Lua filters: their source, and the values that stand above it."""

import json
from collections.abc import Mapping
from importlib.resources import files

from envoy.config.core.v3.base_pb2 import DataSource
from envoy.extensions.filters.http.lua.v3.lua_pb2 import Lua
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from google.protobuf.wrappers_pb2 import BoolValue

from sekisho.compile.emit.pages import page
from sekisho.compile.emit.resources import pack

Constant = bool | int | str | Mapping[int, str]


def read_lua(*paths: str) -> str:
    """Return a program of several files, each of which sees what those before it have named.

    ``paths`` are relative to this package.
    """
    folder = files(__package__)
    return "\n".join(folder.joinpath(path).read_text(encoding="utf-8") for path in paths)


def pages(*statuses: int) -> Mapping[int, str]:
    """Return the pages that a script answers with."""
    return {status: page(status) for status in statuses}


def lua_filter(name: str, source: str, *, disabled: bool = False, **constants: Constant) -> HttpFilter:
    """Return a filter that runs a script; a disabled one runs on the routes only that configure it."""
    return HttpFilter(name=name, typed_config=pack(lua_config(source, **constants)), disabled=disabled)


def lua_config(source: str, **constants: Constant) -> Lua:
    """Return the configuration of a filter that runs a script; ``constants`` are set above it.

    Envoy would choose the route again after a script that changes a header: a rewritten path would then meet the
    rules another time, behind the guard that let it pass. A script that wants this says so (``clearRouteCache``).
    """
    lines = [f"local {key} = {_lua(value)}\n" for key, value in constants.items()]
    return Lua(
        default_source_code=DataSource(inline_string="".join(lines) + source),
        clear_route_cache=BoolValue(value=False),
    )


def _lua(value: Constant) -> str:
    if isinstance(value, Mapping):
        # A JSON string of ASCII text without control characters other than \r and \n is a Lua string too.
        entries = (f"[{key}] = {json.dumps(text)}" for key, text in value.items())
        return "{" + ", ".join(entries) + "}"
    return json.dumps(value)
