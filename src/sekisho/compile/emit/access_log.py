"""What Envoy tells the control plane of each request: batched, over the stream of the control cluster."""

from envoy.config.accesslog.v3.accesslog_pb2 import AccessLog
from envoy.config.core.v3.config_source_pb2 import ApiVersion
from envoy.config.core.v3.grpc_service_pb2 import GrpcService
from envoy.extensions.access_loggers.grpc.v3.als_pb2 import (
    CommonGrpcAccessLogConfig,
    HttpGrpcAccessLogConfig,
)
from google.protobuf.wrappers_pb2 import UInt32Value

from sekisho.compile.emit.resources import duration, pack
from sekisho.model.ir import Listener

CONTROL_CLUSTER = "sekisho_control"
"""The cluster of the control plane; the bootstrap defines it."""

_FLUSH_SECONDS = 0.2
_BUFFER_BYTES = 64 * 1024


def emit_access_log(listener: Listener) -> AccessLog:
    """Return the log of a listener; its log name is the listener's ARN.

    Every entry holds the dynamic metadata (``sekisho`` among it), the route's name, response flags and
    details, durations and the upstream's address. It also holds the path with its query string: Envoy cannot
    leave that out, so the receiver drops the values.
    """
    config = HttpGrpcAccessLogConfig(
        common_config=CommonGrpcAccessLogConfig(
            log_name=listener.arn,
            grpc_service=GrpcService(envoy_grpc=GrpcService.EnvoyGrpc(cluster_name=CONTROL_CLUSTER)),
            transport_api_version=ApiVersion.V3,
            buffer_flush_interval=duration(_FLUSH_SECONDS),
            buffer_size_bytes=UInt32Value(value=_BUFFER_BYTES),
        ),
        additional_request_headers_to_log=["x-amzn-trace-id"],
    )
    return AccessLog(name="envoy.access_loggers.http_grpc", typed_config=pack(config))
