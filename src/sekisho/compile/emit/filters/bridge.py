"""The headers between the edge and the control plane where that serves an upstream itself.

The filter belongs to the upstream, not to a route, so that every way to it passes here: no client can name another
upstream, as what clients send under these names is removed before.
"""

from envoy.extensions.filters.http.upstream_codec.v3.upstream_codec_pb2 import UpstreamCodec
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter

from sekisho.compile.emit.lua import lua_filter, read_lua
from sekisho.compile.emit.resources import pack
from sekisho.model.ir import Upstream

UPSTREAM_HEADER = "x-sekisho-upstream"
"""Carries the upstream's name to the control plane."""

REASON_HEADER = "x-sekisho-reason"
"""Carries the reason of a refusal to the edge."""

FUNCTION_METADATA = "sekisho.function"
"""The namespace of the dynamic metadata that keeps the reason, under ``reason``."""

_SOURCE = read_lua("filters/bridge.lua")


def emit_bridge_filters(upstream: Upstream) -> list[HttpFilter]:
    """Return the filters of an upstream that has a bridge."""
    codec = HttpFilter(name="envoy.filters.http.upstream_codec", typed_config=pack(UpstreamCodec()))
    return [lua_filter("sekisho.bridge", _SOURCE, UPSTREAM=upstream.name), codec]
