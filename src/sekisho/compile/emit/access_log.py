"""What Envoy tells the control plane of each request: batched, over the stream of the control cluster."""

from envoy.config.accesslog.v3.accesslog_pb2 import (
    AccessLog,
    AccessLogFilter,
    ComparisonFilter,
    OrFilter,
    RuntimeFilter,
    StatusCodeFilter,
)
from envoy.config.core.v3.base_pb2 import RuntimeUInt32
from envoy.config.core.v3.config_source_pb2 import ApiVersion
from envoy.config.core.v3.grpc_service_pb2 import GrpcService
from envoy.extensions.access_loggers.grpc.v3.als_pb2 import (
    CommonGrpcAccessLogConfig,
    HttpGrpcAccessLogConfig,
)
from envoy.type.v3.percent_pb2 import FractionalPercent
from google.protobuf.wrappers_pb2 import UInt32Value

from sekisho.compile.emit.resources import duration, pack
from sekisho.model.ir import HttpApiGuard, Listener

CONTROL_CLUSTER = "sekisho_control"
"""The cluster of the control plane; the bootstrap defines it."""

_FLUSH_SECONDS = 0.2
_BUFFER_BYTES = 64 * 1024


AUDIT = "audit "
"""What the log name of an audited request begins with; the listener's ARN follows."""


def emit_access_logs(listener: Listener) -> list[AccessLog]:
    """Return the logs of a listener: of every request, and of those that the reference decides again."""
    logs = [emit_access_log(listener)]
    if listener.audit_share > 0 or listener.audit_refusals:
        logs.append(_emit_audit_log(listener))
    return logs


def _emit_audit_log(listener: Listener) -> AccessLog:
    """Return the log that carries the token, so that its decision can be made again; nobody writes it down."""
    share = RuntimeFilter(
        runtime_key="sekisho.audit",
        percent_sampled=FractionalPercent(
            numerator=round(listener.audit_share * 1_000_000), denominator=FractionalPercent.MILLION
        ),
        use_independent_randomness=True,
    )
    chosen = AccessLogFilter(runtime_filter=share)
    if listener.audit_refusals:
        refused = RuntimeUInt32(default_value=400, runtime_key="sekisho.audit.refused")
        comparison = ComparisonFilter(op=ComparisonFilter.GE, value=refused)
        refusals = AccessLogFilter(status_code_filter=StatusCodeFilter(comparison=comparison))
        chosen = AccessLogFilter(or_filter=OrFilter(filters=[refusals, chosen]))
    config = _log_config(AUDIT + listener.arn, _token_headers(listener))
    return AccessLog(name="envoy.access_loggers.http_grpc", filter=chosen, typed_config=pack(config))


def _token_headers(listener: Listener) -> list[str]:
    """Return the headers that tokens of the listener stand in."""
    guards = (route.guard for route in listener.routes)
    names = {
        guard.source_name for guard in guards if isinstance(guard, HttpApiGuard) and guard.source == "header"
    }
    return sorted({"authorization", *names})


def emit_access_log(listener: Listener) -> AccessLog:
    """Return the log of a listener; its log name is the listener's ARN.

    Every entry holds the dynamic metadata (``sekisho`` among it), the route's name, response flags and
    details, durations and the upstream's address. It also holds the path with its query string: Envoy cannot
    leave that out, so the receiver drops the values.
    """
    headers = ["x-amzn-trace-id"]
    if any(
        route.api.log is not None and "$context.authorizer.claims." in route.api.log.format
        for route in listener.routes
    ):
        # The receiver reads claims of tokens that were verified, and forgets the rest.
        headers += _token_headers(listener)
    config = _log_config(listener.arn, headers)
    return AccessLog(name="envoy.access_loggers.http_grpc", typed_config=pack(config))


def _log_config(name: str, headers: list[str]) -> HttpGrpcAccessLogConfig:
    return HttpGrpcAccessLogConfig(
        common_config=CommonGrpcAccessLogConfig(
            log_name=name,
            grpc_service=GrpcService(envoy_grpc=GrpcService.EnvoyGrpc(cluster_name=CONTROL_CLUSTER)),
            transport_api_version=ApiVersion.V3,
            buffer_flush_interval=duration(_FLUSH_SECONDS),
            buffer_size_bytes=UInt32Value(value=_BUFFER_BYTES),
        ),
        additional_request_headers_to_log=headers,
    )
