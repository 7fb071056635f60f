"""What a load balancer does to every request: limits, Host and trace id."""

from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter

from sekisho.compile.emit.lua import lua_filter, pages, read_lua
from sekisho.model.ir import Listener

_SOURCE = read_lua("filters/alb_request.lua")


def emit_alb_request(listener: Listener) -> HttpFilter:
    """Return the filter that checks limits and sets Host and trace id."""
    return lua_filter(
        "sekisho.alb_request",
        _SOURCE,
        PUBLIC_PORT=listener.public_port,
        DEFAULT_PORT=80 if listener.tls is None else 443,
        PRESERVE_HOST=listener.options.preserve_host,
        PAGES=pages(400, 414),
    )
