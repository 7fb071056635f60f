"""The kinds of Envoy resource, and small helpers that every emitter needs."""

from collections.abc import Mapping

from envoy.config.core.v3.base_pb2 import HeaderValue, HeaderValueOption
from envoy.config.core.v3.config_source_pb2 import AggregatedConfigSource, ApiVersion, ConfigSource
from envoy.config.route.v3.route_components_pb2 import FilterConfig
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

_PREFIX = "type.googleapis.com/"
CLUSTER = _PREFIX + "envoy.config.cluster.v3.Cluster"
ENDPOINTS = _PREFIX + "envoy.config.endpoint.v3.ClusterLoadAssignment"
EXTENSION = _PREFIX + "envoy.config.core.v3.TypedExtensionConfig"
LISTENER = _PREFIX + "envoy.config.listener.v3.Listener"
ROUTES = _PREFIX + "envoy.config.route.v3.RouteConfiguration"

Resources = Mapping[str, Mapping[str, Message]]
"""Type URL -> resource name -> message."""

MAX_HEADERS = 2000
"""How many headers a message may have; their size is the limit that matters, and Envoy's own of 100 is below it."""

ADS = ConfigSource(ads=AggregatedConfigSource(), resource_api_version=ApiVersion.V3)


def pack(message: Message) -> Any:
    """Return the message in an ``Any``, its maps in a fixed order so that the bytes are always the same."""
    packed = Any()
    packed.Pack(message, deterministic=True)
    return packed


def enable(config: Message) -> Any:
    """Return the configuration of a route that turns on a filter which the listener has turned off."""
    return pack(FilterConfig(config=pack(config)))


def duration(seconds: float) -> Duration:
    """Return seconds as a protobuf duration, exact to the millisecond."""
    milliseconds = round(seconds * 1000)
    return Duration(seconds=milliseconds // 1000, nanos=milliseconds % 1000 * 1_000_000)


def literal(text: str) -> str:
    """Return the text so that Envoy's header formatter gives exactly it back."""
    return text.replace("%", "%%")


def set_header(name: str, value: str) -> HeaderValueOption:
    """Return an option that replaces a header by a format string, or sets it."""
    return HeaderValueOption(
        header=HeaderValue(key=name, value=value),
        append_action=HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD,
    )
