"""How an upstream is spoken to, for CDS; its endpoints arrive over EDS."""

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.core.v3.base_pb2 import TransportSocket
from envoy.config.core.v3.extension_pb2 import TypedExtensionConfig
from envoy.config.core.v3.protocol_pb2 import Http1ProtocolOptions, Http2ProtocolOptions, HttpProtocolOptions
from envoy.extensions.http.header_formatters.preserve_case.v3.preserve_case_pb2 import (
    PreserveCaseFormatterConfig,
)
from envoy.extensions.transport_sockets.tls.v3.tls_pb2 import UpstreamTlsContext
from envoy.extensions.upstreams.http.v3.http_protocol_options_pb2 import (
    HttpProtocolOptions as UpstreamHttpOptions,
)
from envoy.type.v3.percent_pb2 import Percent
from google.protobuf.wrappers_pb2 import UInt32Value

from sekisho.compile.emit.filters.bridge import emit_bridge_filters
from sekisho.compile.emit.remotes import set_remote
from sekisho.compile.emit.resources import ADS, MAX_HEADERS, duration, pack
from sekisho.model.ir import Balancing, Protocol, Upstream

_POLICIES = {
    Balancing.ROUND_ROBIN: Cluster.ROUND_ROBIN,
    Balancing.LEAST_OUTSTANDING: Cluster.LEAST_REQUEST,
    Balancing.RANDOM: Cluster.RANDOM,
}

# An answer with headers above 32 KB is refused:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
_MAX_RESPONSE_HEADERS_KB = 32

# How long a connection to a target is kept without a request.
_IDLE_SECONDS = 60


def emit_cluster(upstream: Upstream) -> Cluster:
    """Return the cluster of an upstream.

    Traffic goes to unhealthy endpoints only when there is no healthy one: a panic threshold of one percent,
    the least that Envoy can express.
    """
    cluster = Cluster(
        name=upstream.name,
        type=Cluster.EDS,
        eds_cluster_config=Cluster.EdsClusterConfig(eds_config=ADS),
        connect_timeout=duration(upstream.connect_timeout),
        lb_policy=_POLICIES[upstream.balancing],
        # EDGE-04
        common_lb_config=Cluster.CommonLbConfig(healthy_panic_threshold=Percent(value=1)),
        typed_extension_protocol_options={
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": pack(_protocol(upstream))
        },
    )
    if upstream.slow_start:
        slow_start = Cluster.SlowStartConfig(slow_start_window=duration(upstream.slow_start))
        if upstream.balancing is Balancing.LEAST_OUTSTANDING:
            cluster.least_request_lb_config.slow_start_config.CopyFrom(slow_start)
        elif upstream.balancing is Balancing.ROUND_ROBIN:
            cluster.round_robin_lb_config.slow_start_config.CopyFrom(slow_start)
    if upstream.remote is not None:
        set_remote(cluster, upstream.remote)
    elif upstream.tls:
        # "The load balancer ... does not validate these certificates":
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
        cluster.transport_socket.CopyFrom(
            TransportSocket(name="envoy.transport_sockets.tls", typed_config=pack(UpstreamTlsContext()))
        )
    return cluster


def _protocol(upstream: Upstream) -> UpstreamHttpOptions:
    explicit = UpstreamHttpOptions.ExplicitHttpConfig()
    if upstream.protocol is Protocol.HTTP2:
        explicit.http2_protocol_options.CopyFrom(Http2ProtocolOptions())
    else:
        # The target's own spelling of header names reaches the client.
        formatter = TypedExtensionConfig(
            name="preserve_case",
            # What a function says of its status reaches the client, what another server says does not.
            typed_config=pack(PreserveCaseFormatterConfig(forward_reason_phrase=upstream.bridge is not None)),
        )
        explicit.http_protocol_options.CopyFrom(
            Http1ProtocolOptions(
                header_key_format=Http1ProtocolOptions.HeaderKeyFormat(stateful_formatter=formatter)
            )
        )
    return UpstreamHttpOptions(
        explicit_http_config=explicit,
        http_filters=emit_bridge_filters(upstream) if upstream.bridge is not None else (),
        common_http_protocol_options=HttpProtocolOptions(
            idle_timeout=duration(_IDLE_SECONDS),
            max_headers_count=UInt32Value(value=MAX_HEADERS),
            max_response_headers_kb=UInt32Value(value=_MAX_RESPONSE_HEADERS_KB),
        ),
    )
