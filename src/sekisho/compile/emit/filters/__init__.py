"""The HTTP filters of a listener, in the order in which they see a request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from envoy.extensions.filters.http.router.v3.router_pb2 import Router
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BoolValue

from sekisho.compile.emit.resources import pack
from sekisho.model.ir import Edge, Listener


@dataclass(frozen=True, slots=True)
class FilterEntry:
    """One row of :data:`FILTERS`: who emits the filter of a listener, and why it stands where it stands."""

    emit: Callable[[Listener], HttpFilter]
    reason: str


def _router(_listener: Listener) -> HttpFilter:
    config = Router(dynamic_stats=BoolValue(value=False), suppress_envoy_headers=True)
    return HttpFilter(name="envoy.filters.http.router", typed_config=pack(config))


FILTERS: tuple[FilterEntry, ...] = (FilterEntry(_router, "the last one carries out the route's action"),)
"""The order is the filter order."""


def emit_filters(listener: Listener) -> list[HttpFilter]:
    """Return the filters of a listener, in order."""
    return [entry.emit(listener) for entry in FILTERS]


def emit_extensions(_edge: Edge) -> Mapping[str, Message]:
    """Return the filter configurations that arrive over ECDS, by their names."""
    return {}
